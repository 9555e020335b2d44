import type { OldOnly } from '../collection.ts';
import { hasBlob, hasManifest } from './holdings.ts';
import { pages } from './pages.ts';
import type { SqliteParts } from './parts.ts';

interface HeldRow {
  readonly repository_id: number;
  readonly digest: string;
  readonly wanted: number;
}

/** What of one table of what repositories hold may go. */
interface Unwanted {
  readonly table: 'repository_blob' | 'repository_manifest';
  /** Of a row `held`: SQL in which `?3` is the time before which it came. */
  readonly condition: string;
  /** Whether the repository has the content as the other kind, too: then it still counts. */
  readonly isCounted: typeof hasBlob;
}

const unreferenced: Unwanted = {
  table: 'repository_blob',
  condition: `held.linked_at < ?3 AND NOT EXISTS (
    SELECT 1 FROM manifest_link m WHERE m.repository_id = held.repository_id AND m.target = held.digest)`,
  isCounted: hasManifest,
};

/** No tag, no index that has it, and nothing there that it is about: what refers to an image stays with it. */
const untagged: Unwanted = {
  table: 'repository_manifest',
  condition: `held.pushed_at < ?3
    AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.repository_id = held.repository_id AND t.digest = held.digest)
    AND NOT EXISTS (SELECT 1 FROM manifest_link k WHERE k.repository_id = held.repository_id AND k.target = held.digest)
    AND NOT EXISTS (SELECT 1 FROM repository_manifest s
                     WHERE s.repository_id = held.repository_id AND s.digest = held.subject)`,
  isCounted: hasBlob,
};

export const dropUnreferencedLinks = (parts: SqliteParts, options: OldOnly): Promise<number> =>
  dropHeld(parts, unreferenced, options);

/** Rounds go on until one finds nothing, for what a manifest had is untagged after it. */
export async function dropUntagged(parts: SqliteParts, options: OldOnly): Promise<number> {
  let count = 0;
  for (let gone = -1; gone !== 0; count += gone) gone = await dropHeld(parts, untagged, options);
  return count;
}

async function dropHeld(
  parts: SqliteParts,
  unwanted: Unwanted,
  { before, signal }: OldOnly,
): Promise<number> {
  const { database } = parts;
  const { table, condition } = unwanted;
  let count = 0;
  const rows = pages<HeldRow>(
    database,
    `SELECT repository_id, digest, NOT (${condition}) AS wanted FROM ${table} held
      WHERE (repository_id, digest) > (?1, ?2) ORDER BY repository_id, digest`,
    {
      from: [0, '', before],
      keyOf: ({ repository_id, digest }) => [repository_id, digest, before],
      signal,
    },
  );
  for await (const batch of rows) {
    const taken = batch.filter(({ wanted }) => wanted === 0);
    if (taken.length > 0) count += database.transaction(() => dropBatch(parts, unwanted, { taken, before }));
  }
  return count;
}

/** Looks again in the transaction: what was wanted meanwhile stays. */
function dropBatch(
  { database, ledger }: SqliteParts,
  { table, condition, isCounted }: Unwanted,
  { taken, before }: { readonly taken: readonly HeldRow[]; readonly before: string },
): number {
  const sql = `DELETE FROM ${table} AS held WHERE repository_id = ?1 AND digest = ?2 AND ${condition}`;
  let gone = 0;
  for (const { repository_id, digest } of taken) {
    if (database.run(sql, repository_id, digest, before) === 0) continue;
    if (!isCounted(database, repository_id, digest)) ledger.unlink(repository_id, digest);
    gone += 1;
  }
  return gone;
}
