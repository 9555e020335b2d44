import { forbidden, notFound, unauthorized } from '#base/errors.ts';
import type { Access, Granted } from '../access/access.ts';
import { type Actor, reaches } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';

/**
 * The repository that a request is about, for one who has the level that it needs.
 *
 * @throws {EngineError} `notFound` when it is not there or not to be seen, the same in both; `unauthorized` or `forbidden` when
 *   it may be seen, but no more
 */
export async function findRepository(
  access: Access,
  actor: Actor,
  { name, level }: { readonly name: string; readonly level: Level },
): Promise<Granted> {
  const granted = await access.find(actor, name);
  if (granted === undefined) throw notFound('repository', name);
  if (reaches(granted.level, level)) return granted;
  throw actor.kind === 'stranger'
    ? unauthorized('Sign in to do that')
    : forbidden(`You may not do that: it needs ${level}, you have ${granted.level}`);
}
