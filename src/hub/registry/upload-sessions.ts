import { crashPoint } from '#base/crash-point.ts';
import { newId } from '#base/id.ts';
import type { KeyedLock } from '#base/keyed-lock.ts';
import type { Digest } from '#oci/digest.ts';
import type { Actor } from '../access/actor.ts';
import type { PlanRoom, RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore, BlobUpload } from '../store/blob-store.ts';
import { nameUnknown, RegistryError } from './errors.ts';
import { dropIfIdle } from './idle-uploads.ts';
import { algorithmOf } from './names.ts';
import { limitReached, longestUpload } from './plan-room.ts';

/** Of one account, under way into one repository at a time: a hundred times what a client pushes at once, and what it gave up. */
export const mostUploads = 500;
/** Uploads that nothing came to for so long make room for others of their owner, where its plan has none for them. */
const idleMilliseconds = 10 * 60_000;

/** Blobs on their way into repositories: a record for each, and bytes in the store. */
export class UploadSessions {
  readonly #rooms: HubRooms;
  readonly #store: BlobStore;
  readonly #locks: KeyedLock;

  /** @param parts.locks by digest: an upload becomes a blob, and a blob is deleted, under it */
  constructor(rooms: HubRooms, parts: { readonly store: BlobStore; readonly locks: KeyedLock }) {
    this.#rooms = rooms;
    this.#store = parts.store;
    this.#locks = parts.locks;
  }

  get #records() {
    return this.#rooms.records.uploads;
  }

  /** @throws {RegistryError} `TOOMANYREQUESTS`; `NAME_UNKNOWN` when the repository has just gone */
  async begin(repository: RepositoryRecord, actor: Actor): Promise<BlobUpload> {
    const id = newId();
    const accountId = actor.kind === 'person' ? actor.id : undefined;
    const begun = await this.#records.begin(repository, { id, accountId }, { most: mostUploads });
    if (begun === 'gone') throw nameUnknown(repository.fullName);
    if (begun === 'tooMany') throw tooMany(repository);
    crashPoint('registry.upload.recorded');
    return this.#store.begin(id);
  }

  /** @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN`, also for one of another repository */
  async check(repository: RepositoryRecord, id: string): Promise<void> {
    if (!(await this.#records.has(repository, id))) throw uploadUnknown();
  }

  /** @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN` */
  async get(repository: RepositoryRecord, id: string): Promise<BlobUpload> {
    await this.check(repository, id);
    const upload = await this.#store.open(id);
    if (upload === undefined) throw uploadUnknown();
    return upload;
  }

  /** Bytes came to it: it is not one that is given up, and they count. */
  touch({ id, received }: Pick<BlobUpload, 'id' | 'received'>): Promise<void> {
    return this.#records.advance(id, received);
  }

  async cancel(upload: BlobUpload): Promise<void> {
    await this.#records.remove(upload.id);
    await upload.cancel();
  }

  /**
   * Makes an upload the repository's blob of that digest; what cannot become one is dropped.
   *
   * @throws {RegistryError} `DIGEST_INVALID` when it is not of that digest
   * @throws {LimitReached}
   */
  async finish(repository: RepositoryRecord, upload: BlobUpload, digest: Digest): Promise<void> {
    const actual = await upload.digest(algorithmOf(digest));
    if (actual !== digest) {
      await this.cancel(upload);
      throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
        detail: { digest, actual },
      });
    }
    try {
      await this.roomFor(repository, { uploadId: upload.id, digest, size: upload.received });
    } catch (error) {
      await this.cancel(upload);
      throw error;
    }
    // from before the file is there until its record is: collection deletes files that no record has
    using _held = await this.#locks.acquire(digest);
    await upload.commit(digest);
    crashPoint('registry.blob.stored');
    await this.#record(repository, upload, digest);
    crashPoint('registry.blob.recorded');
  }

  /**
   * What room there is for an upload that has, or would come to, `size` bytes; undefined for no limit.
   *
   * @throws {LimitReached} where there is less, also when uploads that seem to be given up have gone
   */
  async roomFor(
    repository: RepositoryRecord,
    {
      size,
      ...about
    }: {
      readonly uploadId?: string | undefined;
      readonly digest?: string | undefined;
      readonly size: number;
    },
  ): Promise<PlanRoom | undefined> {
    const isEnough = (room: PlanRoom | undefined) => room === undefined || size <= longestUpload(room);
    let room = await this.#records.room(repository, about);
    if (!isEnough(room) && (await this.#dropIdle(repository, about.uploadId)))
      room = await this.#records.room(repository, about);
    if (room !== undefined && !isEnough(room)) throw limitReached(room, size);
    return room;
  }

  /** @returns whether any went */
  async #dropIdle(repository: RepositoryRecord, but: string | undefined): Promise<boolean> {
    const { records, now } = this.#rooms;
    const before = new Date(now().getTime() - idleMilliseconds).toISOString();
    let gone = 0;
    for (const idle of await this.#records.idle(repository, { before, but }))
      if (await dropIfIdle({ records, store: this.#store }, idle, before)) gone += 1;
    return gone > 0;
  }

  async #record(
    repository: RepositoryRecord,
    { id, received: size }: BlobUpload,
    digest: Digest,
  ): Promise<void> {
    try {
      if ((await this.#records.finish(repository, { id, digest, size })) === 'gone')
        throw nameUnknown(repository.fullName);
    } catch (error) {
      for (const unknown of await this.#rooms.records.collection.unknownBlobs([digest]))
        await this.#store.delete(unknown);
      throw error;
    }
  }
}

const uploadUnknown = (): RegistryError =>
  new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');

const tooMany = ({ fullName }: RepositoryRecord): RegistryError =>
  new RegistryError(
    'TOOMANYREQUESTS',
    `${mostUploads} uploads of yours into ${fullName} are not finished: finish or cancel some, or wait until they are given up`,
  );
