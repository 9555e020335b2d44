import { createHash } from 'node:crypto';
import { closeSync, createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compressed } from '#archive/compression.ts';
import { type ByteString, type PlacedEntry, toBytes } from '#archive/tar-entry.ts';
import { crashPoint } from '#base/crash-point.ts';
import { internal } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { AT_FDCWD, O, openAt, renameAt, syncFilesystem } from '#linux/index.ts';
import type { Digest } from '#oci/digest.ts';
import { componentsOf } from '../layer-path.ts';
import type { LayerStore, WrittenLayer } from '../layer-store.ts';
import { rootMetadataOf } from '../root-metadata.ts';
import { type Unpacked, unpackInto } from '../tree/unpack.ts';
import { usageOf } from '../upper/usage.ts';
import { pathsByInode } from './inode-paths.ts';
import { rebuilt } from './rebuild-tar.ts';
import { type RecordedBody, TarRecorder, writeBodies } from './tar-record.ts';

/**
 * Layers as trees of files, for kernels that mount nothing else.
 *
 *     <layer>/
 *     ├── diff/            the tree, whiteouts as overlayfs has them
 *     ├── replaced/        files whose name a later entry took: of use to the record only
 *     ├── record.zst       the tar without the bodies that are in files
 *     └── bodies.zst       where those go
 */
export class OverlayStore implements LayerStore {
  readonly name = 'overlay';

  async write(path: string, tar: AsyncIterable<Uint8Array>, options: Parameters<LayerStore['write']>[2]) {
    mkdirSync(path, { mode: 0o700 });
    mkdirSync(join(path, 'replaced'), { mode: 0o700 });
    mkdirSync(join(path, 'diff'), { mode: 0o755 });
    const layer = openAt(AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
    const root = openAt(layer, 'diff', O.RDONLY | O.DIRECTORY);
    try {
      return await writeTree({ path, layer, root }, tar, options);
    } finally {
      closeSync(root);
      closeSync(layer);
    }
  }

  lower(_diffId: Digest, path: string): string {
    return this.shown(path);
  }

  shown(path: string): string {
    return join(path, 'diff');
  }

  async sync(paths: readonly string[]): Promise<void> {
    const [first] = paths;
    if (first === undefined) return;
    const fd = openAt(AT_FDCWD, dirname(first), O.RDONLY | O.DIRECTORY);
    try {
      await syncFilesystem(fd);
    } finally {
      closeSync(fd);
    }
  }

  async release(): Promise<void> {}

  recover(): void {}

  async *readTar(path: string, tarSize: number): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const bytes of rebuilt(path)) {
      size += bytes.length;
      yield bytes;
    }
    if (size !== tarSize)
      throw internal(`the layer at ${path} is damaged: its tar has ${size} bytes, not ${tarSize}`);
  }

  status(): readonly (readonly [string, string])[] {
    return [['Layer Format', 'trees of files']];
  }

  async close(): Promise<void> {}
}

interface Place {
  readonly path: string;
  readonly layer: number;
  readonly root: number;
}

async function writeTree(
  place: Place,
  tar: AsyncIterable<Uint8Array>,
  options: Parameters<LayerStore['write']>[2],
): Promise<WrittenLayer> {
  const record = new RecordFile(join(place.path, 'record.zst'));
  const recorder = new TarRecorder((bytes) => record.write(bytes));
  const hash = createHash('sha256');
  let tarSize = 0;
  /** A chunk is recorded when the next is asked for: all that begins in it has been unpacked then. */
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of tar) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
      tarSize += chunk.length;
      yield chunk;
      await recorder.pass(chunk);
    }
  }
  const replaced = new Map<number, string>();
  let unpacked: Unpacked;
  try {
    unpacked = await unpackInto(place.root, passing(), {
      whiteouts: 'overlay',
      ...(options.limits && { limits: options.limits }),
      onFile: (entry, inode) => recorder.announce(entry, inode),
      beforeUnlink: (directory, name, stat) => {
        if (!stat.isFile() || stat.size === 0n || stat.nlink > 1n) return 'left'; // of several names one remains
        const kept = newId();
        renameAt(directory, toBytes(name), place.layer, `replaced/${kept}`);
        replaced.set(Number(stat.ino), kept);
        return 'taken';
      },
    });
    await record.end();
  } catch (error) {
    record.destroy();
    throw error;
  }
  await writeBodies(
    join(place.path, 'bodies.zst'),
    located(place, recorder.bodies, unpacked.replaced ? replaced : undefined),
  );
  crashPoint('snapshot.ingest.tree');
  if (options.durable !== 'later') await syncFilesystem(place.layer);
  const { size } = unpacked.replaced ? await usageOf(join(place.path, 'diff')) : unpacked;
  const root = unpacked.root && rootMetadataOf(unpacked.root);
  return { diffId: `sha256:${hash.digest('hex')}`, tarSize, size, root };
}

/** The bodies with the paths of their files: as their entries said, or found anew when names were taken over. */
function* located(
  place: Place,
  bodies: TarRecorder['bodies'],
  replaced: ReadonlyMap<number, string> | undefined,
): Generator<RecordedBody> {
  const byInode = replaced && pathsByInode(place.root);
  const pathOf = (entry: PlacedEntry, inode: number): ByteString => {
    if (byInode === undefined) return `diff/${componentsOf(entry.name).join('/')}`;
    const found = byInode.get(inode);
    return found === undefined ? `replaced/${replaced?.get(inode)}` : `diff/${found}`;
  };
  for (const { at, entry, inode, segments } of bodies) yield { at, path: pathOf(entry, inode), segments };
}

/** The compressed file of what the record keeps. */
class RecordFile {
  readonly #in = new PassThrough({ highWaterMark: 1 << 20 });
  readonly #done: Promise<void>;

  constructor(path: string) {
    this.#done = pipeline(
      compressed(this.#in, { compression: 'zstd', level: 1 }),
      createWriteStream(path, { flags: 'wx' }),
    );
    this.#done.catch(() => undefined); // told by end
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#in.write(Buffer.from(bytes))) return;
    await Promise.race([new Promise((resolve) => this.#in.once('drain', resolve)), this.#done]);
  }

  async end(): Promise<void> {
    this.#in.end();
    await this.#done;
  }

  destroy(): void {
    this.#in.destroy();
  }
}
