import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import { FileRanges } from './file-range.ts';
import type { Packs } from './packs.ts';
import { decodeListing, digestAt } from './stored-listing.ts';

export interface PruneOptions {
  /** Bytes of contents that may stay; 0 when absent. */
  readonly keepBytes?: number;
  /** Only what was not used since; the time of the call when absent. */
  readonly before: Date;
  /** Contents that must stay, asked for anew before each step. */
  readonly pinned: () => ReadonlySet<Digest>;
}

/** Contents dropped in one transaction, between which other work goes on. */
const batch = 2000;
/** More packs than this, and the small ones are put together. */
const manyPacks = 64;
const smallPack = 1 << 20;
/** A pack less of which is alive is rewritten. */
const sparseness = 3 / 4;

/** Drops the least recently used contents, then rewrites packs much of which is dead. */
export async function prunePacks(packs: Packs, options: PruneOptions): Promise<void> {
  await dropUnused(packs, options);
  crashPoint('context.dropped');
  await rewriteDead(packs);
}

/** Bytes of all contents. */
export const contentBytes = (packs: Packs): number =>
  packs.database.get<{ size: number }>('SELECT COALESCE(SUM(size), 0) AS size FROM build_file')!.size;

/** Bytes of all packs: with what is of no more use in them. */
export const storedBytes = (packs: Packs): number =>
  packs.database.get<{ size: number }>('SELECT COALESCE(SUM(size), 0) AS size FROM build_pack')!.size;

/** Bytes of contents by their last use, least recent first. */
export function contentUses(packs: Packs): { readonly usedAt: string; readonly size: number }[] {
  return packs.database.transaction(() => {
    spreadUse(packs, '');
    return packs.database.all<{ usedAt: string; size: number }>(
      'SELECT used_at AS usedAt, SUM(size) AS size FROM build_file GROUP BY used_at ORDER BY used_at',
    );
  });
}

/** Contents of the same last use (of one upload, of one build) go together, oldest first. */
async function dropUnused(packs: Packs, { keepBytes = 0, before, pinned }: PruneOptions): Promise<void> {
  const { database } = packs;
  let excess = contentBytes(packs) - keepBytes;
  let spreadUpTo = '';
  let last = '';
  while (excess > 0) {
    const group = database.transaction(() => {
      spreadUpTo = spreadUse(packs, spreadUpTo);
      const sql = 'SELECT MIN(used_at) AS used FROM build_file WHERE used_at > ? AND used_at < ?';
      const { used } = database.get<{ used: string | null }>(sql, last, before.toISOString())!;
      // no listing may speak of what is dropped: this one's are the oldest that are left
      if (used !== null) database.run('DELETE FROM build_origin WHERE used_at <= ?', used);
      return used;
    });
    if (group === null) return;
    excess -= await dropGroup(packs, { group, excess, pinned });
    last = group;
  }
}

/**
 * Lets contents count as used when a listing that speaks of them was: those used since a time.
 *
 * @returns the latest such use
 */
function spreadUse({ database }: Packs, since: string): string {
  const origins = database.all<{ origin: string; used_at: string }>(
    'SELECT origin, used_at FROM build_origin WHERE used_at > ? ORDER BY used_at',
    since,
  );
  for (const { origin, used_at: used } of origins) {
    const { listing } = database.get<{ listing: Uint8Array }>(
      'SELECT listing FROM build_origin WHERE origin = ?',
      origin,
    )!;
    const files = decodeListing(listing);
    for (let i = 0; i < files.paths.length; i++)
      database.run(
        'UPDATE build_file SET used_at = ?1 WHERE digest = ?2 AND used_at < ?1',
        used,
        `sha256:${digestAt(files, i).toString('hex')}`,
      );
  }
  return origins.at(-1)?.used_at ?? since;
}

async function dropGroup(
  { database }: Packs,
  options: { readonly group: string; readonly excess: number; readonly pinned: () => ReadonlySet<Digest> },
): Promise<number> {
  let dropped = 0;
  let last = '';
  const sql = 'SELECT digest, size FROM build_file WHERE used_at = ? AND digest > ? ORDER BY digest LIMIT ?';
  for (;;) {
    const pinned = options.pinned();
    const rows = database.all<{ digest: Digest; size: number }>(sql, options.group, last, batch);
    database.transaction(() => {
      for (const { digest, size } of rows) {
        if (dropped >= options.excess) return;
        if (pinned.has(digest)) continue;
        database.run('DELETE FROM build_file WHERE digest = ?', digest);
        dropped += size;
      }
    });
    if (rows.length < batch || dropped >= options.excess) return dropped;
    last = rows.at(-1)!.digest;
    await new Promise(setImmediate);
  }
}

interface PackUse {
  readonly name: string;
  readonly size: number;
  readonly alive: number;
}

async function rewriteDead(packs: Packs): Promise<void> {
  const all = packs.database.all<PackUse>(
    `SELECT p.name, p.size, COALESCE(SUM(f.size), 0) AS alive
       FROM build_pack p LEFT JOIN build_file f ON f.pack = p.name GROUP BY p.name`,
  );
  const dead = all.filter(({ alive }) => alive === 0);
  const sparse = all.filter(({ size, alive }) => alive > 0 && alive < size * sparseness);
  const small = all.filter((pack) => pack.alive > 0 && pack.size < smallPack && !sparse.includes(pack));
  await forget(packs, dead);
  for (const pack of sparse) await rewrite(packs, [pack]);
  if (all.length > manyPacks && small.length > 1) await rewrite(packs, small);
}

async function forget(packs: Packs, gone: readonly PackUse[]): Promise<void> {
  if (gone.length === 0) return;
  const { database } = packs;
  const forgotten = gone.filter(
    ({ name }) =>
      database.run(
        'DELETE FROM build_pack WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM build_file WHERE pack = ?1)',
        name,
      ) > 0,
  );
  crashPoint('context.packForgotten');
  for (const { name } of forgotten) await packs.removeFile(name);
}

/** Writes what is alive in some packs to a new one. */
async function rewrite(packs: Packs, old: readonly PackUse[]): Promise<void> {
  const { database } = packs;
  await using writer = await packs.writer();
  const from = new Map<string, string>();
  for (const { name } of old) {
    await using ranges = new FileRanges(packs.pathOf(name));
    const files = database.all<{ digest: Digest; offset: number; size: number }>(
      'SELECT digest, offset, size FROM build_file WHERE pack = ? ORDER BY offset',
      name,
    );
    for (const { digest, offset, size } of files) {
      for await (const piece of ranges.read(offset, size)) {
        writer.append(piece);
        await writer.flush();
      }
      from.set(digest, name);
      writer.endFile();
    }
  }
  await packs.commit(writer, (files) => {
    const sql = 'UPDATE build_file SET pack = ?, offset = ? WHERE digest = ? AND pack = ?';
    for (const { digest, offset } of files) {
      const name = from.get(digest);
      if (name !== undefined) database.run(sql, writer.name, offset, digest, name);
    }
  });
  crashPoint('context.rewritten');
  await forget(packs, old);
}
