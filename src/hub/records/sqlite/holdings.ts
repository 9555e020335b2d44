import type { Database } from '#state/database.ts';

/**
 * What a repository has: a content counts once for it (`Ledger`), also where it is a blob and a manifest there, so that whoever
 * takes the one away asks for the other.
 */
export const hasManifest = (database: Database, repositoryId: number, digest: string): boolean =>
  database.get(
    'SELECT 1 FROM repository_manifest WHERE repository_id = ? AND digest = ?',
    repositoryId,
    digest,
  ) !== undefined;

export const hasBlob = (database: Database, repositoryId: number, digest: string): boolean =>
  database.get(
    'SELECT 1 FROM repository_blob WHERE repository_id = ? AND digest = ?',
    repositoryId,
    digest,
  ) !== undefined;

export const hasRepository = (database: Database, id: number): boolean =>
  database.get('SELECT 1 FROM repository WHERE id = ?', id) !== undefined;

/** Of a repository `r`: the bytes of its blobs and manifests. */
export const heldBytes = `(
  (SELECT coalesce(sum(b.size), 0) FROM repository_blob l JOIN blob b ON b.digest = l.digest WHERE l.repository_id = r.id)
  + (SELECT coalesce(sum(c.size), 0) FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
      WHERE m.repository_id = r.id AND NOT EXISTS (
        SELECT 1 FROM repository_blob l WHERE l.repository_id = r.id AND l.digest = m.digest)))`;
