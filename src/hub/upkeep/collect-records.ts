import { hasBlob, hasManifest } from '../usage/holdings.ts';
import type { Collection } from './collect.ts';
import { pages } from './pages.ts';

interface LinkRow {
  readonly repository_id: number;
  readonly digest: string;
  readonly wanted: number;
}

/**
 * Blobs of repositories that no manifest there refers to: uploads whose manifest never came, and what deleted manifests had.
 *
 * @returns how many went
 */
export async function collectLinks(collection: Collection, graceSeconds: number): Promise<number> {
  const { database, ledger } = collection.rooms;
  const before = collection.before(graceSeconds);
  const unwanted = `linked_at < ?3 AND NOT EXISTS (
    SELECT 1 FROM manifest_link m WHERE m.repository_id = l.repository_id AND m.target = l.digest)`;
  let count = 0;
  const rows = pages<LinkRow>(
    database,
    `SELECT repository_id, digest, NOT (${unwanted}) AS wanted FROM repository_blob l
      WHERE (repository_id, digest) > (?1, ?2) ORDER BY repository_id, digest`,
    {
      from: [0, '', before],
      keyOf: ({ repository_id, digest }) => [repository_id, digest, before],
      signal: collection.signal,
    },
  );
  for await (const batch of rows) {
    const taken = batch.filter(({ wanted }) => wanted === 0);
    if (taken.length === 0) continue;
    count += database.transaction(() => {
      let gone = 0;
      for (const { repository_id, digest } of taken) {
        const sql = `DELETE FROM repository_blob AS l WHERE repository_id = ?1 AND digest = ?2 AND ${unwanted}`;
        if (database.run(sql, repository_id, digest, before) === 0) continue;
        if (!hasManifest(database, repository_id, digest)) ledger.unlink(repository_id, digest);
        gone += 1;
      }
      return gone;
    });
  }
  return count;
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

interface UntaggedRow {
  readonly repository_id: number;
  readonly digest: string;
  readonly wanted: number;
}

/** No tag, no index that has it, and nothing there that it is about: what refers to an image stays with it. */
const untagged = `m.pushed_at < ?3
  AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.repository_id = m.repository_id AND t.digest = m.digest)
  AND NOT EXISTS (SELECT 1 FROM manifest_link k WHERE k.repository_id = m.repository_id AND k.target = m.digest)
  AND NOT EXISTS (SELECT 1 FROM repository_manifest s
                   WHERE s.repository_id = m.repository_id AND s.digest = m.subject)`;

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

async function collectUntaggedRound(collection: Collection, ageSeconds: number): Promise<number> {
  const { database } = collection.rooms;
  const before = collection.before(ageSeconds);
  let count = 0;
  const rows = pages<UntaggedRow>(
    database,
    `SELECT repository_id, digest, NOT (${untagged}) AS wanted FROM repository_manifest m
      WHERE (repository_id, digest) > (?1, ?2) ORDER BY repository_id, digest`,
    {
      from: [0, '', before],
      keyOf: ({ repository_id, digest }) => [repository_id, digest, before],
      signal: collection.signal,
    },
  );
  for await (const batch of rows) {
    const taken = batch.filter(({ wanted }) => wanted === 0);
    if (taken.length > 0) count += database.transaction(() => dropManifests(collection, taken, before));
  }
  return count;
}

function dropManifests({ rooms }: Collection, taken: readonly UntaggedRow[], before: string): number {
  const { database, ledger } = rooms;
  let gone = 0;
  for (const { repository_id, digest } of taken) {
    const sql = `DELETE FROM repository_manifest AS m WHERE repository_id = ?1 AND digest = ?2 AND ${untagged}`;
    if (database.run(sql, repository_id, digest, before) === 0) continue;
    if (!hasBlob(database, repository_id, digest)) ledger.unlink(repository_id, digest);
    gone += 1;
  }
  return gone;
}
