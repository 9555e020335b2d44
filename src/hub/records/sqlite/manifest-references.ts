import type { Database } from '#state/database.ts';
import type { ManifestPush, ManifestReference } from '../manifests.ts';

/** What a repository has of what a JSON array (`?2`) names, in a statement for all of it. */
const manifestSizes = `SELECT c.digest, c.size FROM json_each(?2) j
    CROSS JOIN repository_manifest m ON m.repository_id = ?1 AND m.digest = j.value
    CROSS JOIN manifest_content c ON c.digest = m.digest`;
const blobSizes = `SELECT b.digest, b.size FROM json_each(?2) j
    CROSS JOIN repository_blob l ON l.repository_id = ?1 AND l.digest = j.value
    CROSS JOIN blob b ON b.digest = l.digest WHERE b.bad_at IS NULL`;

/** What is wrong with what a manifest refers to; undefined when a repository has all of it. */
export function referenceFault(
  database: Database,
  repositoryId: number,
  references: readonly ManifestReference[],
): ManifestPush | undefined {
  const manifests = references.filter(({ kind }) => kind === 'manifest');
  const blobs = references.filter(({ kind }) => kind !== 'manifest');
  const sizes = {
    manifests: sizesOf(database, manifestSizes, repositoryId, manifests),
    blobs: sizesOf(database, blobSizes, repositoryId, blobs),
  };
  const missing: string[] = [];
  for (const reference of references) {
    const { kind, digest, size } = reference;
    const actual = (kind === 'manifest' ? sizes.manifests : sizes.blobs).get(digest);
    if (actual === undefined) missing.push(digest);
    else if (actual !== size) return { kind: 'wrongSize', reference, actual };
  }
  return missing.length === 0 ? undefined : { kind: 'missing', digests: missing };
}

function sizesOf(
  database: Database,
  sql: string,
  repositoryId: number,
  references: readonly ManifestReference[],
): ReadonlyMap<string, number> {
  if (references.length === 0) return new Map();
  const rows = database.all<{ digest: string; size: number }>(sql, repositoryId, digestsOf(references));
  return new Map(rows.map(({ digest, size }) => [digest, size]));
}

/** Writes down what a manifest refers to. */
export function linkReferences(
  database: Database,
  { repositoryId, digest }: { readonly repositoryId: number; readonly digest: string },
  references: readonly ManifestReference[],
): void {
  for (const [kind, some] of Map.groupBy(references, (reference) => reference.kind))
    database.run(
      'INSERT OR IGNORE INTO manifest_link SELECT ?1, ?2, value, ?3 FROM json_each(?4)',
      ...[repositoryId, digest, kind, digestsOf(some)],
    );
}

/** As JSON, each once (one that is named ten thousand times is looked up once), and in the order of the indexes that they are in. */
const digestsOf = (references: readonly ManifestReference[]): string =>
  JSON.stringify([...new Set(references.map(({ digest }) => digest))].sort());
