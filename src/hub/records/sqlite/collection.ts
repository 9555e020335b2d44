import type { Digest } from '#oci/digest.ts';
import type { CollectionRecords, IdleUpload, OldOnly, SizedBlob, Walk } from '../collection.ts';
import { dropUnreferencedLinks, dropUntagged } from './collect-held.ts';
import { isHeld } from './holds.ts';
import { pages } from './pages.ts';
import type { SqliteParts } from './parts.ts';

const unlinkedSql = 'NOT EXISTS (SELECT 1 FROM repository_blob l WHERE l.digest = b.digest)';
const unownedSql = 'NOT EXISTS (SELECT 1 FROM repository_manifest m WHERE m.digest = c.digest)';

export class SqliteCollection implements CollectionRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  dropUnreferencedLinks(options: OldOnly): Promise<number> {
    return dropUnreferencedLinks(this.#parts, options);
  }

  dropUntagged(options: OldOnly): Promise<number> {
    return dropUntagged(this.#parts, options);
  }

  async dropContents({ signal }: Walk = {}): Promise<number> {
    const { database } = this.#parts;
    let count = 0;
    const rows = pages<{ digest: string; unowned: number }>(
      database,
      `SELECT digest, ${unownedSql} AS unowned FROM manifest_content c WHERE digest > ? ORDER BY digest`,
      { from: [''], keyOf: ({ digest }) => [digest], signal },
    );
    const drop = `DELETE FROM manifest_content AS c WHERE digest = ? AND ${unownedSql}`;
    for await (const batch of rows) {
      const taken = batch.filter(({ unowned }) => unowned === 1);
      if (taken.length > 0)
        count += database.transaction(() =>
          taken.reduce((gone, { digest }) => gone + database.run(drop, digest), 0),
        );
    }
    return count;
  }

  async *unlinkedBlobs({ signal }: Walk = {}): AsyncGenerator<SizedBlob> {
    const rows = pages<SizedBlob & { readonly unlinked: number }>(
      this.#parts.database,
      `SELECT digest, size, ${unlinkedSql} AS unlinked FROM blob b WHERE digest > ? ORDER BY digest`,
      { from: [''], keyOf: ({ digest }) => [digest], signal },
    );
    for await (const batch of rows)
      for (const { digest, size, unlinked } of batch) if (unlinked === 1) yield { digest, size };
  }

  async dropBlob(digest: Digest): Promise<boolean> {
    const { database } = this.#parts;
    return database.transaction(
      () =>
        !isHeld(database) &&
        database.run(`DELETE FROM blob AS b WHERE digest = ? AND ${unlinkedSql}`, digest) > 0,
    );
  }

  async unknownBlobs(digests: readonly Digest[]): Promise<readonly Digest[]> {
    return this.#unknown<Digest>(digests, 'SELECT 1 FROM blob WHERE digest = value');
  }

  async *idleUploads({ before, signal }: OldOnly): AsyncGenerator<IdleUpload> {
    const rows = pages<IdleUpload>(
      this.#parts.database,
      'SELECT id, received FROM upload WHERE id > ?1 AND updated_at < ?2 ORDER BY id',
      { from: ['', before], keyOf: ({ id }) => [id, before], signal },
    );
    for await (const batch of rows) for (const { id, received } of batch) yield { id, received };
  }

  async dropUpload(id: string, before: string): Promise<boolean> {
    const sql = 'DELETE FROM upload WHERE id = ? AND updated_at < ?';
    return this.#parts.database.run(sql, id, before) > 0;
  }

  async unknownUploads(ids: readonly string[]): Promise<readonly string[]> {
    return this.#unknown(ids, 'SELECT 1 FROM upload WHERE id = value');
  }

  #unknown<T extends string>(names: readonly T[], known: string): readonly T[] {
    const sql = `SELECT value AS name FROM json_each(?) WHERE NOT EXISTS (${known})`;
    return this.#parts.database.all<{ name: T }>(sql, JSON.stringify(names)).map(({ name }) => name);
  }
}
