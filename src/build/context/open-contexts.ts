import { mkdir, readdir, rm } from 'node:fs/promises';
import { messageOf } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { Log } from '#base/log.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';
import type { Contexts } from '../builds.ts';
import type { ContextStore } from './context.ts';
import { Downloads } from './download.ts';
import { fetchTree } from './fetch-context.ts';
import { type HeldContext, HeldContexts } from './held-contexts.ts';
import { withoutPassword } from './http-get.ts';
import { Offers } from './offers.ts';
import { Origins } from './origins.ts';
import { contentBytes, contentUses, prunePacks, storedBytes } from './pack-prune.ts';
import { Packs } from './packs.ts';
import { type SpooledTree, spoolTar } from './spool.ts';
import { TreeContext } from './tree-context.ts';

/** Bytes of contents kept for the next build, when nothing else is said. */
const defaultCap = 10 * 2 ** 30;
/** More packs than this are looked through after an upload. */
const manyPacks = 128;
/** Between two such looks. */
const patienceMilliseconds = 60_000;

export interface ContextsUsage {
  /** Bytes of files of contexts that are kept. */
  readonly size: number;
  /** What they take on the disk, with what packs hold of no more use. */
  readonly stored: number;
  readonly files: number;
  /** Bytes that a prune could not free: contexts of builds under way. */
  readonly pinned: number;
  /** RFC 3339; undefined when nothing is kept. */
  readonly createdAt: string | undefined;
  readonly lastUsedAt: string | undefined;
}

/** Build contexts: as clients send them, and as builds read them. */
export interface OpenContexts {
  readonly contexts: Contexts;
  readonly store: ContextStore;
  usage(): ContextsUsage;
  /** Bytes on the disk: the same as of `usage`, and soon told. */
  stored(): number;
  /** Bytes of contents by their last use, RFC 3339, least recent first. */
  uses(): readonly { readonly usedAt: string; readonly size: number }[];
  /**
   * Drops contents, least recently used first, until `keepBytes` are left (none when absent); those that builds use stay.
   *
   * @param options.before only what was not used since
   */
  prune(options?: {
    readonly keepBytes?: number;
    readonly before?: Date;
  }): Promise<{ readonly spaceReclaimed: number }>;
  close(): Promise<void>;
}

/** Opens what the data root has of contexts; what a crash left of them is removed first. */
export async function openContexts(options: {
  readonly database: Database;
  readonly paths: Paths;
  readonly log: Log;
  readonly now?: () => Date;
  /** Bytes of contents kept at most. */
  readonly cap?: number;
}): Promise<OpenContexts> {
  const { database, paths, log, now = () => new Date(), cap = defaultCap } = options;
  for (const folder of ['spool', 'packs'] as const)
    await mkdir(paths.buildFolder(folder), { recursive: true, mode: 0o700 });
  await emptySpool(paths);
  const packs = new Packs({ database, paths, now });
  await packs.recover();
  const held = new HeldContexts<HeldContext>();
  const offers = new Offers({ packs, origins: new Origins(database, now), held, now });
  const downloads = new Downloads(packs);
  const pinned = (): ReadonlySet<Digest> => offers.pinned().union(downloads.pinned());
  let pruning: Promise<unknown> = Promise.resolve();

  /** One at a time. */
  const prune = (keepBytes: number, before: Date): Promise<number> => {
    const work = async (): Promise<number> => {
      const size = contentBytes(packs);
      await prunePacks(packs, { keepBytes, before, pinned });
      return Math.max(0, size - contentBytes(packs));
    };
    const mine = pruning.then(work, work);
    pruning = mine.catch(() => undefined);
    return mine;
  };
  let looked = 0;
  /**
   * After an upload or a download. Looks at packs, which are few, and not again within a minute: what is alive takes a
   * scan to know.
   */
  const keepCap = (): void => {
    const { count, size } = database.get<{ count: number; size: number }>(
      'SELECT COUNT(*) AS count, COALESCE(SUM(size), 0) AS size FROM build_pack',
    )!;
    const time = now();
    if ((count <= manyPacks && size <= cap) || Math.abs(time.getTime() - looked) < patienceMilliseconds)
      return;
    looked = time.getTime();
    prune(cap, time).catch((error: unknown) => {
      log.warn('build contexts not pruned', { error: messageOf(error) });
    });
  };

  return {
    contexts: {
      receive: async (tar, signal) => {
        const id = newId();
        held.add(id, heldTree('tar', await spoolTar(tar, paths, signal)));
        return { id };
      },
      offer: async (offer) => offers.offer(offer),
      digests: async (id, digests) => offers.digests(id, digests),
      files: async (id, tar, signal) => {
        const answer = await offers.files(id, tar, signal);
        keepCap();
        return answer;
      },
    },
    store: {
      open: (id) => held.open(id),
      fetch: async (url, { keepGitDir = false, signal, report }) => {
        const spooled = await fetchTree(url, { paths, keepGitDir, signal, report });
        const { tree, contents, received } = spooled;
        const release = async () => spooled[Symbol.asyncDispose]();
        return new TreeContext({ name: withoutPassword(url), tree, contents, received, release });
      },
      download: async (url, given) => {
        const found = await downloads.get(url, given);
        keepCap();
        return found;
      },
    },
    usage: () => usageOf(packs, pinned()),
    stored: () => storedBytes(packs),
    uses: () => contentUses(packs),
    prune: async ({ keepBytes = 0, before = now() } = {}) => ({
      spaceReclaimed: await prune(keepBytes, before),
    }),
    close: async () => {
      offers.close();
      await held.close();
      await pruning;
      await packs.close();
    },
  };
}

async function emptySpool(paths: Paths): Promise<void> {
  for (const name of await readdir(paths.buildFolder('spool')))
    await rm(paths.buildFolder('spool', name), { recursive: true, force: true });
}

const heldTree = (name: string, spooled: SpooledTree): HeldContext => ({
  name,
  tree: spooled.tree,
  contents: spooled.contents,
  received: spooled.received,
  whole: true,
  dispose: async () => spooled[Symbol.asyncDispose](),
});

function usageOf(packs: Packs, contents: ReadonlySet<Digest>): ContextsUsage {
  const sums = packs.database.get<{ size: number; files: number }>(
    'SELECT COALESCE(SUM(size), 0) AS size, COUNT(*) AS files FROM build_file',
  )!;
  const times = packs.database.get<{ created: string | null; used: string | null }>(
    `SELECT (SELECT MIN(created_at) FROM build_pack) AS created,
            MAX((SELECT COALESCE(MAX(used_at), '') FROM build_file),
                (SELECT COALESCE(MAX(used_at), '') FROM build_origin)) AS used`,
  )!;
  let pinned = 0;
  for (const digest of contents) pinned += packs.find(digest)?.size ?? 0;
  return {
    ...sums,
    stored: storedBytes(packs),
    pinned,
    createdAt: times.created ?? undefined,
    lastUsedAt: times.used === null || times.used === '' ? undefined : times.used,
  };
}
