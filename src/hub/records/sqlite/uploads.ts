import type { IdleUpload } from '../collection.ts';
import type { RepositoryKey } from '../repositories.ts';
import type { FinishedUpload, NewUpload, PlanRoom, UploadRecords } from '../uploads.ts';
import { hasRepository } from './holdings.ts';
import { linkBlob } from './links.ts';
import type { SqliteParts } from './parts.ts';

interface RoomRow {
  readonly name: string;
  readonly allowed: number;
  readonly held: number;
  readonly unfinished: number;
  readonly held_size: number | null;
}

/** Of the repository `?1`, without the upload `?2`, for what has the digest `?3`. Joined crosswise: from the uploads, which are few. */
const roomSql = `SELECT a.name, p.private_bytes AS allowed, a.private_bytes AS held,
    (SELECT coalesce(sum(u.received), 0)
       FROM (SELECT repository_id, sum(received) AS received FROM upload
              WHERE owner_id = a.id AND id <> ?2 GROUP BY repository_id) u
       CROSS JOIN repository o ON o.id = u.repository_id WHERE o.visibility = 'private') AS unfinished,
    (SELECT size FROM owner_content WHERE owner_id = a.id AND digest = ?3) AS held_size
  FROM repository r JOIN account a ON a.id = r.owner_id JOIN plan p ON p.id = a.plan_id
 WHERE r.id = ?1 AND r.visibility = 'private' AND p.private_bytes IS NOT NULL`;

/** Nothing is written where an account has `?5` of them in the repository. */
const beginSql = `INSERT INTO upload (id, repository_id, owner_id, account_id, received, started_at, updated_at)
  SELECT ?1, r.id, r.owner_id, ?3, 0, ?4, ?4 FROM repository r
   WHERE r.id = ?2 AND ?5 > (SELECT count(*) FROM upload u
     WHERE u.owner_id = r.owner_id AND u.repository_id = r.id AND u.account_id IS ?3)`;

const idleSql = `SELECT u.id, u.received FROM repository r
    JOIN upload u ON u.owner_id = r.owner_id
    JOIN repository o ON o.id = u.repository_id AND o.visibility = 'private'
   WHERE r.id = ?1 AND u.id <> ?2 AND u.received > 0 AND u.updated_at < ?3
   ORDER BY u.updated_at LIMIT 100`;

export class SqliteUploads implements UploadRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async begin(
    { id: repositoryId }: RepositoryKey,
    { id, accountId }: NewUpload,
    { most }: { readonly most: number },
  ): Promise<'begun' | 'tooMany' | 'gone'> {
    const { database, now } = this.#parts;
    const at = now().toISOString();
    if (database.run(beginSql, id, repositoryId, accountId ?? null, at, most) > 0) return 'begun';
    return hasRepository(database, repositoryId) ? 'tooMany' : 'gone';
  }

  async has({ id: repositoryId }: RepositoryKey, id: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM upload WHERE id = ? AND repository_id = ?';
    return this.#parts.database.get(sql, id, repositoryId) !== undefined;
  }

  async advance(id: string, received: number): Promise<void> {
    const { database, now } = this.#parts;
    const sql = 'UPDATE upload SET received = ?, updated_at = ? WHERE id = ?';
    database.run(sql, received, now().toISOString(), id);
  }

  async remove(id: string): Promise<void> {
    this.#remove(id);
  }

  async finish(
    { id: repositoryId }: RepositoryKey,
    { id, digest, size }: FinishedUpload,
  ): Promise<'stored' | 'gone'> {
    const { database, now } = this.#parts;
    try {
      return database.transaction(() => {
        this.#remove(id);
        if (!hasRepository(database, repositoryId)) return 'gone';
        database.run(
          `INSERT INTO blob (digest, size, created_at) VALUES (?, ?, ?)
             ON CONFLICT (digest) DO UPDATE SET bad_at = NULL`,
          ...[digest, size, now().toISOString()],
        );
        linkBlob(this.#parts, repositoryId, { digest, size });
        return 'stored';
      });
    } catch (error) {
      this.#remove(id);
      throw error;
    }
  }

  async room(
    { id }: RepositoryKey,
    {
      uploadId = '',
      digest = '',
    }: { readonly uploadId?: string | undefined; readonly digest?: string | undefined } = {},
  ): Promise<PlanRoom | undefined> {
    const row = this.#parts.database.get<RoomRow>(roomSql, id, uploadId, digest);
    if (row === undefined) return undefined;
    const { name: ownerName, allowed, held, unfinished, held_size: heldSize } = row;
    return { ownerName, allowed, held, unfinished, ...(heldSize !== null && { heldSize }) };
  }

  async idle(
    { id }: RepositoryKey,
    { before, but = '' }: { readonly before: string; readonly but?: string | undefined },
  ): Promise<readonly IdleUpload[]> {
    return this.#parts.database
      .all<IdleUpload>(idleSql, id, but, before)
      .map(({ id: uploadId, received }) => ({ id: uploadId, received }));
  }

  #remove(id: string): void {
    this.#parts.database.run('DELETE FROM upload WHERE id = ?', id);
  }
}
