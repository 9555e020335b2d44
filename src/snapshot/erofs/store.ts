import { close, constants, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { internal } from '#base/errors.ts';
import { AT_FDCWD, MOUNT_ATTR, mountDetached, moveMount, unmount } from '#linux/index.ts';
import { type Digest, hexOf } from '#oci/digest.ts';
import type { LayerStore } from '../layer-store.ts';
import { rootMetadataOf } from '../root-metadata.ts';
import { withShortPaths } from '../short-path.ts';
import { tarOffset } from './format.ts';
import { writeLayer } from './write-layer.ts';

const chunkSize = 1 << 20;
const closeFile = promisify(close);

/**
 * Layers as EROFS files that hold the layer's tar unchanged. A layer is mounted once, when first needed, and that mount
 * is shared by all who stand on it: one cache of its pages.
 */
export class ErofsStore implements LayerStore {
  readonly name = 'erofs';
  readonly #mounts = new Map<Digest, number>();
  readonly #attachIn: string | undefined;
  #closing: Promise<unknown> = Promise.resolve();

  /** @param attachIn where layers' mounts go, on kernels whose overlayfs stacks only what is in the mount table (before 6.15) */
  constructor(attachIn?: string) {
    this.#attachIn = attachIn;
  }

  async write(path: string, tar: AsyncIterable<Uint8Array>, options: Parameters<LayerStore['write']>[2]) {
    await using file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    const { root, ...written } = await writeLayer(file, tar, options);
    return { ...written, root: root && rootMetadataOf(root) };
  }

  async sync(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      try {
        await using file = await open(path, 'r');
        await file.datasync();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  lower(diffId: Digest, path: string): number {
    let mount = this.#mounts.get(diffId);
    if (mount === undefined) {
      mount = mountLayer(path, this.#attachIn && join(this.#attachIn, hexOf(diffId)));
      this.#mounts.set(diffId, mount);
    }
    return mount;
  }

  shown(path: string): string {
    return path;
  }

  async release(diffId: Digest): Promise<void> {
    const mount = this.#mounts.get(diffId);
    this.#mounts.delete(diffId);
    if (mount === undefined) return;
    const closed = closeFile(mount).catch(() => undefined); // the descriptor is gone all the same
    // The last close drops the layer's inodes, which may be many: nobody waits for it but `close`.
    if (this.#attachIn === undefined) this.#closing = Promise.all([this.#closing, closed]);
    else {
      await closed;
      detach(join(this.#attachIn, hexOf(diffId)));
    }
  }

  async *readTar(path: string, tarSize: number): AsyncGenerator<Uint8Array> {
    await using file = await open(path, 'r');
    for (let at = 0; at < tarSize; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, tarSize - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, tarOffset + at);
      if (bytesRead === 0) throw internal(`the layer at ${path} is cut short`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  status(): readonly (readonly [string, string])[] {
    return [
      ['Layer Format', 'EROFS over the unchanged tar'],
      ['Layer Mounts', this.#attachIn === undefined ? 'file-backed' : 'file-backed, in the mount table'],
    ];
  }

  /** Takes away what a killed daemon left mounted: running containers have copies of their own. */
  recover(): void {
    if (this.#attachIn === undefined) return;
    mkdirSync(this.#attachIn, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#attachIn)) detach(join(this.#attachIn, name));
  }

  async close(): Promise<void> {
    for (const diffId of [...this.#mounts.keys()]) await this.release(diffId);
    await this.#closing;
  }
}

/** A read-only mount of a layer's file, without a loop device (kernel 6.12): detached, or at `attachAt`. */
export function mountLayer(path: string, attachAt?: string): number {
  const mount = withShortPaths((short) =>
    mountDetached('erofs', [['source', short(path)], 'ro'], MOUNT_ATTR.RDONLY),
  );
  if (attachAt === undefined) return mount;
  mkdirSync(attachAt, { recursive: true, mode: 0o700 });
  moveMount(mount, AT_FDCWD, attachAt);
  return mount;
}

/** Unmounts what is attached at a folder, and takes the folder away. */
export function detach(attachedAt: string): void {
  while (unmount(attachedAt) === 'unmounted');
  rmdirSync(attachedAt);
}
