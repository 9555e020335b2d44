import { hasManifest } from './holdings.ts';
import type { SqliteParts } from './parts.ts';

type Parts = Pick<SqliteParts, 'database' | 'ledger' | 'now'>;

interface Content {
  readonly digest: string;
  readonly size: number;
}

/**
 * A repository comes to have a blob. Called in a transaction; again is fine, and makes the link young for collection.
 *
 * @throws {LimitReached}
 */
export function linkBlob({ database, ledger, now }: Parts, repositoryId: number, content: Content): void {
  const at = now().toISOString();
  const { digest } = content;
  const isNew =
    database.run('INSERT OR IGNORE INTO repository_blob VALUES (?, ?, ?)', repositoryId, digest, at) > 0;
  if (!isNew)
    database.run(
      'UPDATE repository_blob SET linked_at = ? WHERE repository_id = ? AND digest = ?',
      ...[at, repositoryId, digest],
    );
  else if (!hasManifest(database, repositoryId, digest)) ledger.link(repositoryId, content);
}

/** A repository has a blob no more. @returns whether it had */
export function unlinkBlob({ database, ledger }: Parts, repositoryId: number, digest: string): boolean {
  const sql = 'DELETE FROM repository_blob WHERE repository_id = ? AND digest = ?';
  if (database.run(sql, repositoryId, digest) === 0) return false;
  if (!hasManifest(database, repositoryId, digest)) ledger.unlink(repositoryId, digest);
  return true;
}
