import type { Level } from '../api/accounts.ts';
import type { AccessRecords } from '../records/access.ts';
import type { RepositoryRecord } from '../records/repositories.ts';
import { type Actor, lower } from './actor.ts';

/** A repository and what the one who asks may do with it. */
export interface Granted {
  readonly repository: RepositoryRecord;
  readonly level: Level;
}

/**
 * Who may do what: the one place where it is decided. A repository that one may not read does not exist for one: every edge
 * asks here, and says the same of what is not there and of what is not to be seen.
 */
export class Access {
  readonly #records: AccessRecords;

  constructor(records: AccessRecords) {
    this.#records = records;
  }

  /** @returns undefined when there is none by that name, or none that the actor may read */
  async find(actor: Actor, fullName: string): Promise<Granted | undefined> {
    const standing = await this.#records.standing(actor.kind === 'person' ? actor.id : undefined, fullName);
    if (standing === undefined) return undefined;
    const { repository, granted } = standing;
    const level = levelOf(actor, repository, granted);
    return level === 'none' ? undefined : { repository, level };
  }

  /** What the actor may do in an account: make repositories there, see its usage, change it. */
  async inAccount(actor: Actor, accountId: string): Promise<Level | 'none'> {
    if (actor.kind === 'stranger') return 'none';
    if (actor.isAdmin || actor.id === accountId) return actor.ceiling;
    const role = await this.#records.role(accountId, actor.id);
    if (role === undefined) return 'none';
    return lower(role === 'owner' ? 'admin' : role === 'editor' ? 'write' : 'read', actor.ceiling);
  }
}

function levelOf(actor: Actor, repository: RepositoryRecord, granted: Level | 'none'): Level | 'none' {
  const level = levelByGrants(actor, repository, granted);
  return actor.scopes === undefined ? level : lower(level, actor.scopes.get(repository.fullName) ?? 'none');
}

function levelByGrants(actor: Actor, repository: RepositoryRecord, granted: Level | 'none'): Level | 'none' {
  const open = repository.visibility === 'public' ? 'read' : 'none';
  if (actor.kind === 'stranger') return open;
  const own = actor.isAdmin ? 'admin' : granted;
  return own === 'none' ? open : lower(own, actor.ceiling);
}
