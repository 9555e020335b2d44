import { closeSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TarLimits } from '#archive/limits.ts';
import { endOfTar, memberOf } from '#archive/write-tar.ts';
import { messageOf, unsupported } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { Log } from '#base/log.ts';
import { MAGIC, statFilesystem } from '#linux/index.ts';
import type { Database } from '#state/database.ts';
import { detach, ErofsStore, mountLayer } from './erofs/store.ts';
import type { LayerStore } from './layer-store.ts';
import { OverlayStore } from './overlay/store.ts';
import { mountOverlay } from './overlay-mount.ts';
import type { DriverName, Snapshotter } from './snapshotter.ts';
import { UnionSnapshotter } from './union.ts';

export interface SnapshotterOptions {
  readonly database: Database;
  /** The folder of a driver, made when missing: `paths.driver`. */
  readonly root: (driver: DriverName) => string;
  /** What the user asks for; the best that the kernel can do when absent. */
  readonly driver?: string | undefined;
  readonly log: Log;
  readonly limits?: Partial<TarLimits>;
}

/** Best first. */
const drivers: readonly DriverName[] = ['erofs', 'overlay'];

/**
 * The snapshotter of this machine: the driver asked for, else the first whose mounts the kernel makes on this file
 * system. Each is tried by making one: versions tell too little.
 *
 * @throws {EngineError} `unsupported` with each driver's reason
 */
export async function openSnapshotter(options: SnapshotterOptions): Promise<Snapshotter> {
  const candidates =
    options.driver === undefined ? drivers : drivers.filter((name) => name === options.driver);
  if (candidates.length === 0) throw unsupported(`driver not supported: ${options.driver}`);
  const refusals: [DriverName, string][] = [];
  for (const name of candidates) {
    const root = options.root(name);
    const { store, refusal } = await tryDriver(name, root);
    if (store !== undefined) return openUnion(options, root, store, refusals);
    options.log.debug('storage driver cannot be used', { driver: name, reason: refusal });
    refusals.push([name, refusal]);
  }
  const reasons = refusals.map(([name, reason]) => `${name}: ${reason}`).join('; ');
  throw unsupported(`no storage driver can be used: ${reasons}`);
}

function openUnion(
  options: SnapshotterOptions,
  root: string,
  store: LayerStore,
  refusals: readonly (readonly [DriverName, string])[],
): Snapshotter {
  const why = options.driver === undefined ? 'the best that the kernel can do' : 'asked for';
  const status = [
    ['Backing Filesystem', backingOf(root)] as const,
    ['Chosen Because', why] as const,
    ...refusals.map(([name, reason]) => [`Not ${name}`, reason] as const),
  ];
  const { database, log, limits } = options;
  return new UnionSnapshotter({ database, root, store, log, status, ...(limits && { limits }) });
}

/** Docker's words for file systems. */
const backings: Readonly<Record<number, string>> = {
  [MAGIC.BTRFS]: 'btrfs',
  [MAGIC.EXT4]: 'extfs',
  [MAGIC.NFS]: 'nfs',
  [MAGIC.OVERLAY]: 'overlayfs',
  [MAGIC.TMPFS]: 'tmpfs',
  [MAGIC.XFS]: 'xfs',
  [MAGIC.ZFS]: 'zfs',
};

const backingOf = (path: string): string => backings[statFilesystem(path).magic] ?? '<unknown>';

type Tried =
  | { readonly store: LayerStore; readonly refusal?: never }
  | { readonly store?: never; readonly refusal: string };

/** A driver's store, its layers attached when only so they can be stacked; or why it cannot be used here. */
async function tryDriver(name: DriverName, root: string): Promise<Tried> {
  const refusal = await refusalOf(name, root, 'detached');
  if (refusal === undefined) return { store: name === 'erofs' ? new ErofsStore() : new OverlayStore() };
  if (name !== 'erofs' || (await refusalOf(name, root, 'attached')) !== undefined) return { refusal };
  return { store: new ErofsStore(join(root, 'mounts')) };
}

/** Why a driver cannot be used here; undefined when it can. Makes a mount like those of containers, and undoes it. */
async function refusalOf(
  name: DriverName,
  root: string,
  layers: 'detached' | 'attached',
): Promise<string | undefined> {
  const probe = join(root, `probe-${newId()}`);
  mkdirSync(probe, { recursive: true, mode: 0o700 });
  const held: number[] = [];
  const attached = join(probe, 'attached');
  try {
    for (const folder of ['lower', 'upper', 'work', 'staging']) mkdirSync(join(probe, folder));
    const at = layers === 'attached' ? attached : undefined;
    const lower = name === 'erofs' ? await mountTiny(join(probe, 'layer'), at) : join(probe, 'lower');
    if (typeof lower === 'number') held.push(lower);
    const upper = { directory: join(probe, 'upper'), work: join(probe, 'work') };
    held.push(mountOverlay({ lowers: [lower], upper }, 'rw', join(probe, 'staging')));
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    for (const fd of held) closeSync(fd);
    if (existsSync(attached)) detach(attached);
    rmSync(probe, { recursive: true, force: true });
  }
}

async function mountTiny(path: string, attachAt: string | undefined): Promise<number> {
  const tar = [memberOf({ name: 'probe', type: 'file' }, 'probe'), endOfTar];
  await new ErofsStore().write(path, toAsync(tar), {});
  return mountLayer(path, attachAt);
}

async function* toAsync(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
