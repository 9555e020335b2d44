import { invalid } from '#base/errors.ts';
import { type Access, type Actor, lower, reaches, type Scopes } from '../access/index.ts';
import type { Level } from '../api/accounts.ts';
import type { AccountRecords } from '../records/index.ts';
import type { ResourceAccess } from './jwt.ts';

const mostScopes = 64;

/** What each action takes. Deleting is its owner's and administrators': `*` is what clients before `delete` ask for it by. */
const levelOf: ReadonlyMap<string, Level> = new Map([
  ['pull', 'read'],
  ['push', 'write'],
  ['delete', 'admin'],
  ['*', 'admin'],
]);

/** Of the catalogue: engines ask for `search` where they look for repositories in a person's name. */
const catalogueActions: ReadonlySet<string> = new Set(['*', 'search']);

/**
 * Scopes as clients ask for them: `repository:team/app:pull,push`, several in one parameter by spaces, or several parameters.
 *
 * @throws {EngineError} `invalid` when one cannot be read, or there are too many
 * @see distribution, Token Scope Documentation
 */
export function parseScopes(parameters: readonly string[]): readonly ResourceAccess[] {
  const texts = parameters.flatMap((parameter) => parameter.split(' ')).filter((text) => text !== '');
  if (texts.length > mostScopes) throw invalid(`a token has at most ${mostScopes} scopes`);
  return texts.map(parseScope);
}

function parseScope(text: string): ResourceAccess {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first <= 0 || last === first) throw invalid(`invalid scope ${JSON.stringify(text.slice(0, 300))}`);
  const [type, name, actions] = [text.slice(0, first), text.slice(first + 1, last), text.slice(last + 1)];
  // `repository(plugin)`: a class says nothing of who may
  return { type: type.replace(/\([a-z0-9]+\)$/, ''), name, actions: actions.split(',').filter(Boolean) };
}

/**
 * What of it an actor may: the same actions, or fewer. One that is not there and one that may not be read have none, alike and at
 * like cost; where the actor may make repositories, one that is not there may be pushed to.
 */
export function cutToRights(
  asked: readonly ResourceAccess[],
  asker: Asker,
): Promise<readonly ResourceAccess[]> {
  return Promise.all(asked.map((resource) => cut(resource, asker)));
}

interface Asker {
  readonly actor: Actor;
  readonly access: Access;
  readonly accounts: Pick<AccountRecords, 'find'>;
}

async function cut({ type, name, actions }: ResourceAccess, asker: Asker): Promise<ResourceAccess> {
  const wanted = [...new Set(actions)];
  if (type === 'registry') {
    const isCatalogue = (action: string) => name === 'catalog' && catalogueActions.has(action);
    return { type, name, actions: wanted.filter(isCatalogue) };
  }
  const known = type === 'repository' ? wanted.filter((action) => levelOf.has(action)) : [];
  const level = known.length === 0 ? 'none' : await levelIn(name, asker);
  return { type, name, actions: known.filter((action) => reaches(level, levelOf.get(action)!)) };
}

async function levelIn(name: string, { actor, access, accounts }: Asker): Promise<Level | 'none'> {
  const found = await access.find(actor, name);
  const owner = await accounts.find(name.split('/', 1)[0]!);
  const inAccount = await access.inAccount(actor, owner?.id ?? '');
  if (found !== undefined) return found.level;
  return owner !== undefined && name.includes('/') && reaches(inAccount, 'write') ? inAccount : 'none';
}

/** A token's access as `Access` takes it: the most that it has of each repository, `''` for the catalogue. */
export function scopesOf(granted: readonly ResourceAccess[], ceiling: Level): Scopes {
  const scopes = new Map<string, Level>();
  for (const { type, name, actions } of granted) {
    if (type === 'registry' && name === 'catalog' && actions.some((action) => catalogueActions.has(action)))
      scopes.set('', 'read');
    if (type !== 'repository') continue;
    for (const action of actions) {
      const level = lower(levelOf.get(action) ?? 'none', ceiling);
      const has = scopes.get(name) ?? 'none';
      if (level !== 'none' && !reaches(has, level)) scopes.set(name, level);
    }
  }
  return scopes;
}
