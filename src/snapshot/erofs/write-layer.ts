import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { TarLimits } from '#archive/limits.ts';
import { TarParser } from '#archive/tar-parser.ts';
import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import { type DirectoryNode, LayerTree, sizeOf } from '../layer-tree.ts';
import { FileWriter } from './file-writer.ts';
import { superblock, tarOffset } from './format.ts';
import { metadataOf, type SparseRun } from './metadata.ts';

export interface WrittenLayer {
  readonly diffId: Digest;
  readonly tarSize: number;
  /** Bytes of the files. */
  readonly size: number;
  /** What the tar says of its root, if it does. */
  readonly root: DirectoryNode | undefined;
}

/**
 * Writes a layer's file from its tar, in one pass: the tar's bytes as they come, then the file system's metadata that
 * points into them, and last the superblock. All is on disk when this has resolved, unless that is for later; until then the file must have a name
 * that nobody takes for a layer's.
 *
 * @throws {EngineError} `invalid` naming the entry
 */
export async function writeLayer(
  file: FileHandle,
  tar: AsyncIterable<Uint8Array>,
  options: {
    readonly limits?: Partial<TarLimits>;
    readonly signal?: AbortSignal | undefined;
    readonly durable?: 'now' | 'later';
  } = {},
): Promise<WrittenLayer> {
  const hash = createHash('sha256');
  const tree = new LayerTree();
  const parser = new TarParser({ entry: (entry) => tree.add(entry) }, options.limits);
  const writer = new FileWriter(file, tarOffset);
  for await (const chunk of tar) {
    options.signal?.throwIfAborted();
    await writer.write(chunk);
    hash.update(chunk);
    parser.write(chunk);
  }
  parser.end();
  await writer.flush();
  const tarSize = writer.position - tarOffset;
  const metadata = await metadataOf(tree.root, tarSize);
  for (const run of metadata.sparse) await writeSparse(file, run);
  await file.write(metadata.bytes, 0, metadata.bytes.length, metadata.offset);
  crashPoint('snapshot.ingest.metadata');
  await file.write(superblock(metadata.superblock), 0, tarOffset, 0);
  if (options.durable !== 'later') await file.datasync();
  return {
    diffId: `sha256:${hash.digest('hex')}`,
    tarSize,
    size: sizeOf(tree.root),
    root: tree.hasRoot ? tree.root : undefined,
  };
}

/** Copies a sparse file's stored bytes to where they belong in its run; the rest of the run stays a hole. */
async function writeSparse(file: FileHandle, run: SparseRun): Promise<void> {
  const buffer = Buffer.allocUnsafe(1 << 20);
  let from = run.stored;
  for (const { offset, length } of run.segments) {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - done), from);
      await file.write(buffer, 0, bytesRead, run.offset + offset + done);
      done += bytesRead;
      from += bytesRead;
    }
  }
}
