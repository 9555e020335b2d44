import { kindOf, notFound } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import { createRepository } from '../catalogue/creation.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

/** Repositories come to be by the first push to them. */
export class Repositories {
  readonly #rooms: HubRooms;

  constructor(rooms: HubRooms) {
    this.#rooms = rooms;
  }

  /**
   * The repository of that name, made by its owner's default visibility where there is none.
   *
   * @throws {EngineError} `forbidden` or `conflict` to one who may not write in that account; `invalid`
   * @throws {LimitReached}
   */
  async ensure(actor: Actor, fullName: string): Promise<RepositoryRecord> {
    const { access } = this.#rooms;
    const found = await access.find(actor, fullName);
    if (found !== undefined) return found.repository;
    const refused = await createRepository(this.#rooms, actor, { fullName }).then(
      () => undefined,
      (error: unknown) => error,
    );
    // a client pushes several blobs at once: another of its requests may have made it meanwhile
    if (refused !== undefined && kindOf(refused) !== 'conflict') throw refused;
    const made = await access.find(actor, fullName);
    if (made === undefined) throw refused ?? notFound('repository', fullName);
    return made.repository;
  }
}
