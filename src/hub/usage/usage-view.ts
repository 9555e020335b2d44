import { forbidden, notFound } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import { reaches } from '../access/actor.ts';
import { signedIn } from '../accounts/asker.ts';
import type { Usage } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import type { Pulls } from './pull-meter.ts';

/** From here on an account is told that its plan comes to its end. */
const nearlyAll = 0.8;
const mostRepositories = 20;

/**
 * What an account holds of its plan. It names private repositories: for those alone who may read all of them.
 *
 * @throws {EngineError} `notFound`, `unauthorized`, `forbidden`
 */
export async function usageOf(
  { records, access }: Pick<HubRooms, 'records' | 'access'>,
  pulls: Pulls,
  { actor, name }: { readonly actor: Actor; readonly name: string },
): Promise<Usage> {
  const person = signedIn(actor);
  const account = await records.accounts.find(name);
  if (account === undefined) throw notFound('account', name);
  // reading: whatever a token allows is enough
  if (!reaches(await access.inAccount({ ...person, ceiling: 'admin' }, account.id), 'write'))
    throw forbidden(`The usage of ${name} is not yours to see`);
  const usage = await records.usage.ofAccount(account.id, { largest: mostRepositories });
  if (usage === undefined) throw notFound('account', name);
  const { plan, largest: repositories, ...held } = usage;
  // organisations pull nothing themselves
  const isUser = account.kind === 'user';
  const used = { ...held, pulls: isUser ? pulls.pullsOf(account.id) : 0 };
  const limits = { ...plan, pulls: isUser ? await records.plans.pullsPerHour(account.id) : undefined };
  const near = (['privateRepositories', 'privateBytes', 'pulls'] as const).filter((what) =>
    isNear(used[what], limits[what]),
  );
  return { plan, ...used, near, repositories };
}

const isNear = (used: number, limit: number | undefined): boolean =>
  limit !== undefined && used > 0 && used >= nearlyAll * limit;
