import { hasBlob, hasManifest } from '../records/sqlite/holdings.ts';
import type { Collection } from './collect.ts';
import { pages } from './pages.ts';

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
  readonly before: string;
  /** Whether the repository has the content as the other kind, too: then it still counts. */
  readonly isCounted: typeof hasBlob;
}

/**
 * Blobs of repositories that no manifest there refers to: uploads whose manifest never came, and what deleted manifests had.
 *
 * @returns how many went
 */
export const collectLinks = (collection: Collection, graceSeconds: number): Promise<number> =>
  collectHeld(collection, {
    table: 'repository_blob',
    condition: `held.linked_at < ?3 AND NOT EXISTS (
      SELECT 1 FROM manifest_link m WHERE m.repository_id = held.repository_id AND m.target = held.digest)`,
    before: collection.before(graceSeconds),
    isCounted: hasManifest,
  });

async function collectHeld(collection: Collection, unwanted: Unwanted): Promise<number> {
  const { database } = collection.rooms;
  const { table, condition, before } = unwanted;
  let count = 0;
  const rows = pages<HeldRow>(
    database,
    `SELECT repository_id, digest, NOT (${condition}) AS wanted FROM ${table} held
      WHERE (repository_id, digest) > (?1, ?2) ORDER BY repository_id, digest`,
    {
      from: [0, '', before],
      keyOf: ({ repository_id, digest }) => [repository_id, digest, before],
      signal: collection.signal,
    },
  );
  for await (const batch of rows) {
    const taken = batch.filter(({ wanted }) => wanted === 0);
    if (taken.length > 0) count += database.transaction(() => dropHeld(collection, taken, unwanted));
  }
  return count;
}

/** Looks again in the transaction: what was wanted meanwhile stays. */
function dropHeld(
  { rooms }: Collection,
  taken: readonly HeldRow[],
  { table, condition, before, isCounted }: Unwanted,
): number {
  const { database, ledger } = rooms;
  const sql = `DELETE FROM ${table} AS held WHERE repository_id = ?1 AND digest = ?2 AND ${condition}`;
  let gone = 0;
  for (const { repository_id, digest } of taken) {
    if (database.run(sql, repository_id, digest, before) === 0) continue;
    if (!isCounted(database, repository_id, digest)) ledger.unlink(repository_id, digest);
    gone += 1;
  }
  return gone;
}

/** Contents of manifests that no repository has. @returns how many went */
export async function collectContents(collection: Collection): Promise<number> {
  const { database } = collection.rooms;
  let count = 0;
  const rows = pages<{ digest: string; linked: number }>(
    database,
    `SELECT digest, EXISTS (SELECT 1 FROM repository_manifest m WHERE m.digest = c.digest) AS linked
       FROM manifest_content c WHERE digest > ? ORDER BY digest`,
    { from: [''], keyOf: ({ digest }) => [digest], signal: collection.signal },
  );
  for await (const batch of rows) {
    const taken = batch.filter(({ linked }) => linked === 0);
    if (taken.length === 0) continue;
    count += database.transaction(() =>
      taken.reduce((gone, { digest }) => gone + database.run(dropContent, digest), 0),
    );
  }
  return count;
}

const dropContent = `DELETE FROM manifest_content
  WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM repository_manifest WHERE digest = ?1)`;

/** No tag, no index that has it, and nothing there that it is about: what refers to an image stays with it. */
const untagged = `held.pushed_at < ?3
  AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.repository_id = held.repository_id AND t.digest = held.digest)
  AND NOT EXISTS (SELECT 1 FROM manifest_link k WHERE k.repository_id = held.repository_id AND k.target = held.digest)
  AND NOT EXISTS (SELECT 1 FROM repository_manifest s
                   WHERE s.repository_id = held.repository_id AND s.digest = held.subject)`;

/**
 * Manifests that one can only name by digest. Rounds go on until one finds nothing, for what a manifest had is untagged after it.
 *
 * @returns how many went
 */
export async function collectUntagged(collection: Collection, ageSeconds: number): Promise<number> {
  let count = 0;
  for (let gone = -1; gone !== 0; count += gone) gone = await collectUntaggedRound(collection, ageSeconds);
  return count;
}

const collectUntaggedRound = (collection: Collection, ageSeconds: number): Promise<number> =>
  collectHeld(collection, {
    table: 'repository_manifest',
    condition: untagged,
    before: collection.before(ageSeconds),
    isCounted: hasBlob,
  });
