import { EngineError } from '#base/errors.ts';
import type { Granted } from '../access/access.ts';
import { type Actor, reaches } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import type { Call } from '../http/call.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { denied, nameUnknown, RegistryError } from './errors.ts';
import { checkedName } from './names.ts';
import type { Repositories } from './repositories.ts';

/**
 * Lets through who may. Who could come back with a better token is told which (401), the same whether or not there is such a
 * repository; of a repository that a person may not read, nothing is said but that no such name is known (404).
 */
export class Gate {
  readonly #rooms: HubRooms;
  readonly #repositories: Repositories;

  constructor(rooms: HubRooms, repositories: Repositories) {
    this.#rooms = rooms;
    this.#repositories = repositories;
  }

  /** The repository that a request names, for one who may do that much. @throws {RegistryError} */
  async granted(call: Call, level: Level): Promise<Granted> {
    const name = checkedName(call.param('name'));
    const granted = await this.#rooms.access.find(call.actor, name);
    if (granted !== undefined && reaches(granted.level, level)) return granted;
    if (needsToken(call.actor, name, level)) throw unauthorised();
    throw granted === undefined ? nameUnknown(name) : denied();
  }

  /** The same to push to, made where its owner lets this one. @throws {RegistryError}, {LimitReached} */
  async pushed(call: Call): Promise<RepositoryRecord> {
    const name = checkedName(call.param('name'));
    const granted = await this.#rooms.access.find(call.actor, name);
    if (granted !== undefined && reaches(granted.level, 'write')) return granted.repository;
    if (needsToken(call.actor, name, 'write')) throw unauthorised();
    if (granted !== undefined) throw denied();
    try {
      return await this.#repositories.ensure(call.actor, name);
    } catch (error) {
      throw error instanceof EngineError ? nameUnknown(name) : error;
    }
  }
}

/** Without a name, or with a token that is for less. */
const needsToken = (actor: Actor, name: string, level: Level): boolean =>
  actor.kind === 'stranger' ||
  (actor.scopes !== undefined && !reaches(actor.scopes.get(name) ?? 'none', level));

export const unauthorised = (): RegistryError => new RegistryError('UNAUTHORIZED', 'authentication required');
