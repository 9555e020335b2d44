import { crashPoint } from '#base/crash-point.ts';
import { newId } from '#base/id.ts';
import type { KeyedLock } from '#base/keyed-lock.ts';
import type { Digest } from '#oci/digest.ts';
import type { Actor } from '../access/actor.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore, BlobUpload } from '../store/blob-store.ts';
import { nameUnknown, RegistryError } from './errors.ts';
import { linkBlob } from './links.ts';
import { algorithmOf } from './names.ts';
import { limitReached, longestBlob } from './plan-room.ts';

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

  async begin(repository: RepositoryRecord, actor: Actor): Promise<BlobUpload> {
    const id = newId();
    const at = this.#rooms.now().toISOString();
    this.#rooms.database.run(
      'INSERT INTO upload (id, repository_id, account_id, received, started_at, updated_at) VALUES (?, ?, ?, 0, ?, ?4)',
      ...[id, repository.id, actor.kind === 'person' ? actor.id : null, at],
    );
    crashPoint('registry.upload.recorded');
    return this.#store.begin(id);
  }

  /** @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN`, also for one of another repository */
  check(repository: RepositoryRecord, id: string): void {
    const sql = 'SELECT 1 FROM upload WHERE id = ? AND repository_id = ?';
    if (this.#rooms.database.get(sql, id, repository.id) === undefined) throw uploadUnknown();
  }

  /** @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN` */
  async get(repository: RepositoryRecord, id: string): Promise<BlobUpload> {
    this.check(repository, id);
    const upload = await this.#store.open(id);
    if (upload === undefined) throw uploadUnknown();
    return upload;
  }

  /** Bytes came to it: it is not one that is given up. */
  touch({ id, received }: BlobUpload): void {
    this.#rooms.database.run(
      'UPDATE upload SET received = ?, updated_at = ? WHERE id = ?',
      received,
      this.#rooms.now().toISOString(),
      id,
    );
  }

  async cancel(upload: BlobUpload): Promise<void> {
    this.#rooms.database.run('DELETE FROM upload WHERE id = ?', upload.id);
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
    const most = longestBlob(this.#rooms, repository, digest);
    if (actual !== digest || (most !== undefined && upload.received > most)) {
      await this.cancel(upload);
      throw actual === digest
        ? limitReached(this.#rooms, repository, upload.received)
        : new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
            detail: { digest, actual },
          });
    }
    // from before the file is there until its record is: collection deletes files that no record has
    using _held = await this.#locks.acquire(digest);
    await upload.commit(digest);
    crashPoint('registry.blob.stored');
    await this.#record(repository, upload, digest);
    crashPoint('registry.blob.recorded');
  }

  async #record(
    repository: RepositoryRecord,
    { id, received: size }: BlobUpload,
    digest: Digest,
  ): Promise<void> {
    const { database, now } = this.#rooms;
    try {
      database.transaction(() => {
        database.run('DELETE FROM upload WHERE id = ?', id);
        if (database.get('SELECT 1 FROM repository WHERE id = ?', repository.id) === undefined)
          throw nameUnknown(repository.fullName);
        database.run(
          `INSERT INTO blob (digest, size, created_at) VALUES (?, ?, ?)
             ON CONFLICT (digest) DO UPDATE SET bad_at = NULL`,
          ...[digest, size, now().toISOString()],
        );
        linkBlob(this.#rooms, repository.id, { digest, size });
      });
    } catch (error) {
      if (database.get('SELECT 1 FROM blob WHERE digest = ?', digest) === undefined)
        await this.#store.delete(digest);
      database.run('DELETE FROM upload WHERE id = ?', id);
      throw error;
    }
  }
}

const uploadUnknown = (): RegistryError =>
  new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
