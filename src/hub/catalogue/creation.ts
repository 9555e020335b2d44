import { forbidden, invalid, unauthorized } from '#base/errors.ts';
import { type Actor, reaches } from '../access/actor.ts';
import type { Visibility } from '../api/accounts.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { parseRepositoryName } from './repository-name.ts';

const longestDescription = 255;

/**
 * Makes a repository, empty. Who may not in that account learns nothing of what is there: it is refused before it is looked up.
 *
 * @param made.visibility its owner's default when absent
 * @throws {EngineError} `invalid`, `unauthorized`, `forbidden`, `conflict`
 * @throws {LimitReached} when its owner's plan has no room for another private one
 */
export async function createRepository(
  { records, access }: Pick<HubRooms, 'records' | 'access'>,
  actor: Actor,
  made: {
    readonly fullName: string;
    readonly visibility?: Visibility | undefined;
    readonly description?: string | undefined;
  },
): Promise<RepositoryRecord> {
  const { fullName } = made;
  const { owner } = parseRepositoryName(fullName);
  const description = checkDescription(made.description ?? '');
  if (actor.kind === 'stranger') throw unauthorized('Sign in to make repositories');
  const account = await records.accounts.find(owner);
  if (account === undefined || !reaches(await access.inAccount(actor, account.id), 'write'))
    throw forbidden(`You may not make repositories in ${owner}`);
  const visibility = checkVisibility(made.visibility ?? account.defaultVisibility);
  return records.repositories.create(
    { ownerId: account.id, fullName, visibility, description },
    {
      ...{ actor, action: 'repository.create', target: fullName },
      ...{ ownerId: account.id, details: { visibility } },
    },
  );
}

/** One line, that lists show. @throws {EngineError} `invalid` */
export function checkDescription(text: string): string {
  if ([...text].length > longestDescription)
    throw invalid(`A description has at most ${longestDescription} characters`);
  if (/\p{Cc}/u.test(text)) throw invalid('A description is one line of text');
  return text;
}

/** @throws {EngineError} `invalid` */
export function checkVisibility(text: string): Visibility {
  if (text !== 'public' && text !== 'private')
    throw invalid(`visibility must be "public" or "private", not ${JSON.stringify(text)}`);
  return text;
}
