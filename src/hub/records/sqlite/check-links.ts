import type { Digest } from '#oci/digest.ts';
import type { MissingLink } from '../checks.ts';
import type { Walk } from '../collection.ts';
import { LimitReached } from '../limit-reached.ts';
import { hasBlob, hasManifest } from './holdings.ts';
import { pages } from './pages.ts';
import type { SqliteParts } from './parts.ts';

interface LinkRow {
  readonly repository_id: number;
  readonly manifest: Digest;
  readonly target: Digest;
  readonly kind: MissingLink['kind'];
  readonly missing: number;
}

const missingSql = `k.kind <> 'manifest' AND NOT EXISTS (
  SELECT 1 FROM repository_blob l WHERE l.repository_id = k.repository_id AND l.digest = k.target)`;

/** Each is looked for again before it is told: what is deleted row by row is not missing. */
export async function* missingLinks(
  { database }: SqliteParts,
  { signal }: Walk,
): AsyncGenerator<MissingLink> {
  const rows = pages<LinkRow>(
    database,
    `SELECT repository_id, manifest, target, kind, ${missingSql} AS missing FROM manifest_link k
      WHERE (repository_id, manifest, target, kind) > (?1, ?2, ?3, ?4)
      ORDER BY repository_id, manifest, target, kind`,
    {
      from: [0, '', '', ''],
      keyOf: (row) => [row.repository_id, row.manifest, row.target, row.kind],
      signal,
    },
  );
  for await (const batch of rows)
    for (const { repository_id: id, manifest, target, kind, missing } of batch) {
      if (missing === 0) continue;
      const name = database.get<{ full_name: string }>(
        `SELECT r.full_name FROM manifest_link k JOIN repository r ON r.id = k.repository_id
          WHERE k.repository_id = ? AND k.manifest = ? AND k.target = ? AND k.kind = ? AND ${missingSql}`,
        ...[id, manifest, target, kind],
      )?.full_name;
      if (name !== undefined) yield { repository: { id, fullName: name }, manifest, target, kind };
    }
}

export function relink(
  { database, ledger, now }: SqliteParts,
  { repository: { id }, manifest, target }: MissingLink,
): boolean {
  const isWanted = 'SELECT 1 FROM manifest_link WHERE repository_id = ? AND manifest = ? AND target = ?';
  try {
    return database.transaction(() => {
      if (hasBlob(database, id, target) || database.get(isWanted, id, manifest, target) === undefined)
        return true;
      const blob = database.get<{ size: number }>('SELECT size FROM blob WHERE digest = ?', target);
      if (blob === undefined) return false;
      database.run('INSERT INTO repository_blob VALUES (?, ?, ?)', id, target, now().toISOString());
      if (!hasManifest(database, id, target)) ledger.link(id, { digest: target, size: blob.size });
      return true;
    });
  } catch (error) {
    if (error instanceof LimitReached) return false;
    throw error;
  }
}
