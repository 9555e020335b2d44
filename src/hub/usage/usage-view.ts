import { forbidden, notFound } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import { reaches } from '../access/actor.ts';
import { signedIn } from '../accounts/asker.ts';
import type { Usage } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import { type PlanRow, planColumns, planOf } from './plans.ts';
import { type Pulls, pullsPerHour } from './pull-meter.ts';

/** From here on an account is told that its plan comes to its end. */
const nearlyAll = 0.8;
const mostRepositories = 20;

interface AccountRow extends PlanRow {
  readonly account_id: string;
  readonly kind: 'user' | 'organisation';
  readonly has_repositories: number;
  readonly has_bytes: number;
}

/**
 * What an account holds of its plan. It names private repositories: for those alone who may read all of them.
 *
 * @throws {EngineError} `notFound`, `unauthorized`, `forbidden`
 */
export function usageOf(
  { database, access }: HubRooms,
  pulls: Pulls,
  { actor, name }: { readonly actor: Actor; readonly name: string },
): Usage {
  const person = signedIn(actor);
  const row = database.get<AccountRow>(
    `SELECT a.id AS account_id, a.kind, a.private_repositories AS has_repositories, a.private_bytes AS has_bytes, ${planColumns}
       FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.name = ?`,
    name,
  );
  if (row === undefined) throw notFound('account', name);
  // reading: whatever a token allows is enough
  if (!reaches(access.inAccount({ ...person, ceiling: 'admin' }, row.account_id), 'write'))
    throw forbidden(`The usage of ${name} is not yours to see`);
  const used = {
    privateRepositories: row.has_repositories,
    privateBytes: row.has_bytes,
    // organisations pull nothing themselves
    pulls: row.kind === 'user' ? pulls.pullsOf(row.account_id) : 0,
  };
  const limits = {
    privateRepositories: row.private_repositories,
    privateBytes: row.private_bytes,
    pulls: row.kind === 'user' ? pullsPerHour(database, row.account_id) : null,
  };
  return {
    plan: planOf(row),
    ...used,
    near: (['privateRepositories', 'privateBytes', 'pulls'] as const).filter((what) =>
      isNear(used[what], limits[what]),
    ),
    repositories: largest(database, row.account_id),
  };
}

export const isNear = (used: number, limit: number | null): boolean =>
  limit !== null && used > 0 && used >= nearlyAll * limit;

const largest = (database: HubRooms['database'], ownerId: string): Usage['repositories'] =>
  database.all<Usage['repositories'][number]>(
    `SELECT r.full_name AS name,
            coalesce((SELECT sum(b.size) FROM repository_blob l JOIN blob b ON b.digest = l.digest
                       WHERE l.repository_id = r.id), 0)
            + coalesce((SELECT sum(c.size) FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
                         WHERE m.repository_id = r.id), 0) AS bytes
       FROM repository r WHERE r.owner_id = ? AND r.visibility = 'private'
      ORDER BY bytes DESC, name LIMIT ${mostRepositories}`,
    ownerId,
  );
