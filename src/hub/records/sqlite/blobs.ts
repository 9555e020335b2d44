import type { Audited } from '../audit.ts';
import type { BlobRecords, BlobRemoval, BlobSource } from '../blobs.ts';
import type { RepositoryKey } from '../repositories.ts';
import type { Viewer } from '../viewer.ts';
import { hasBlob, hasRepository } from './holdings.ts';
import { linkBlob, unlinkBlob } from './links.ts';
import type { SqliteParts } from './parts.ts';
import { visibleTo } from './visible.ts';

/** A link that is younger is not made younger: pushers ask often, and each is one write of it in that time at most. */
const renewAfterMilliseconds = 30_000;

export class SqliteBlobs implements BlobRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async find(
    { id }: RepositoryKey,
    digest: string,
    { renews = false }: { readonly renews?: boolean } = {},
  ): Promise<{ readonly size: number } | undefined> {
    const row = this.#parts.database.get<{ size: number; linked_at: string }>(
      `SELECT b.size, l.linked_at FROM repository_blob l JOIN blob b ON b.digest = l.digest
        WHERE l.repository_id = ? AND l.digest = ? AND b.bad_at IS NULL`,
      ...[id, digest],
    );
    if (row === undefined || (renews && !this.#renewed(id, digest, row.linked_at))) return undefined;
    return { size: row.size };
  }

  async mount({ id }: RepositoryKey, digest: string, from: BlobSource): Promise<boolean> {
    const { database } = this.#parts;
    return database.transaction(() => {
      if (!hasRepository(database, id)) return false;
      const isThere =
        'seenBy' in from
          ? this.#isSeen(from.seenBy, id, digest)
          : from.repositories.some((other) => hasBlob(database, other.id, digest));
      if (!isThere) return false;
      const blob = database.get<{ size: number }>(
        'SELECT size FROM blob WHERE digest = ? AND bad_at IS NULL',
        digest,
      );
      if (blob === undefined) return false;
      linkBlob(this.#parts, id, { digest, size: blob.size });
      return true;
    });
  }

  async remove({ id }: RepositoryKey, digest: string, audited: Audited): Promise<BlobRemoval> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      const user = database.get<{ manifest: string }>(
        "SELECT manifest FROM manifest_link WHERE repository_id = ? AND target = ? AND kind <> 'manifest' LIMIT 1",
        ...[id, digest],
      );
      if (user !== undefined) return { kind: 'kept', manifest: user.manifest };
      if (!unlinkBlob(this.#parts, id, digest)) return { kind: 'missing' };
      audit.write(audited, undefined);
      return { kind: 'removed' };
    });
  }

  async markBad(digest: string): Promise<void> {
    const { database, now } = this.#parts;
    database.run('UPDATE blob SET bad_at = ? WHERE digest = ?', now().toISOString(), digest);
  }

  /** @returns false when a collection in another process has just taken the link */
  #renewed(id: number, digest: string, linkedAt: string): boolean {
    const { database, now } = this.#parts;
    const at = now();
    if (at.getTime() - Date.parse(linkedAt) < renewAfterMilliseconds) return true;
    const sql = 'UPDATE repository_blob SET linked_at = ? WHERE repository_id = ? AND digest = ?';
    return database.run(sql, at.toISOString(), id, digest) > 0;
  }

  /** Whoever pushes to a repository sees it: what is there already is found without looking at all that have it. */
  #isSeen(viewer: Viewer, id: number, digest: string): boolean {
    const { database } = this.#parts;
    if (hasBlob(database, id, digest)) return true;
    const visible = visibleTo(viewer, 2);
    return (
      database.get(
        `SELECT 1 FROM repository_blob l JOIN repository r ON r.id = l.repository_id
          WHERE l.digest = ?1 AND ${visible.sql} LIMIT 1`,
        digest,
        ...visible.values,
      ) !== undefined
    );
  }
}
