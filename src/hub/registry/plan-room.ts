import type { RepositoryRecord } from '../records/index.ts';
import { LimitReached } from '../records/limit-reached.ts';
import type { HubRooms } from '../rooms.ts';

interface PlanRow {
  readonly name: string;
  readonly private_bytes: number;
  readonly most: number | null;
}

/** From this part of its plan on an owner is warned. */
const warnFrom = 0.8;

const planOf = ({ database }: HubRooms, { id }: RepositoryRecord): PlanRow | undefined =>
  database.get<PlanRow>(
    `SELECT a.name, a.private_bytes, p.private_bytes AS most
       FROM repository r JOIN account a ON a.id = r.owner_id JOIN plan p ON p.id = a.plan_id
      WHERE r.id = ? AND r.visibility = 'private'`,
    id,
  );

/** What `LimitReached` says of a push that would come to have `size` bytes more, at least. */
export function limitReached(rooms: HubRooms, repository: RepositoryRecord, size: number): LimitReached {
  const plan = planOf(rooms, repository);
  return new LimitReached(
    'private_bytes',
    plan === undefined
      ? 'the plan has no room for it'
      : `${plan.name} would hold ${plan.private_bytes + size} bytes in private repositories; its plan allows ${plan.most}`,
  );
}

/**
 * How long a blob may become that is pushed to a repository; undefined for no limit. What its owner has counted already needs
 * no room.
 *
 * @param digest where the client says it before
 */
export function longestBlob(
  { database, ledger }: HubRooms,
  repository: RepositoryRecord,
  digest?: string,
): number | undefined {
  const room = ledger.room(repository.id);
  if (room === undefined || digest === undefined) return room;
  const counted = database.get<{ size: number }>(
    'SELECT size FROM owner_content WHERE owner_id = ? AND digest = ?',
    repository.ownerId,
    digest,
  );
  return Math.max(room, counted?.size ?? 0);
}

/** A `Warning` for an owner whose plan is nearly full. @see OCI distribution-spec, § Warnings */
export function planWarning(rooms: HubRooms, repository: RepositoryRecord): string | undefined {
  const plan = planOf(rooms, repository);
  if (plan === undefined || plan.most === null || plan.private_bytes < plan.most * warnFrom) return undefined;
  const percent = Math.floor((plan.private_bytes / plan.most) * 100);
  return `299 - "${plan.name} has used ${percent}% of the private storage of its plan: ${plan.private_bytes} of ${plan.most} bytes"`;
}
