import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { newId } from '#base/id.ts';
import type { Paths } from '#state/paths.ts';
import { FileRanges } from './file-range.ts';
import type { FileTree } from './file-tree.ts';
import { TarIndexer } from './tar-indexer.ts';
import type { Contents } from './tree-context.ts';
import { uncompressed } from './uncompressed.ts';

/** Bytes written and parsed at a time. */
const pieceSize = 1 << 20;

/** A tree whose contents are ranges of one file, which disposing removes. */
export interface SpooledTree extends AsyncDisposable {
  readonly tree: FileTree;
  readonly contents: Contents;
  /** Bytes that came, before they were uncompressed. */
  readonly received: number;
}

/**
 * Keeps a tar, as it comes, as one file of the spool, with the tree of its files at hand.
 *
 * @throws {EngineError} `invalid` naming the entry, `unsupported`; what the source and the signal throw. Nothing stays.
 */
export async function spoolTar(
  source: AsyncIterable<Uint8Array>,
  paths: Paths,
  signal?: AbortSignal,
): Promise<SpooledTree> {
  const path = paths.buildFolder('spool', newId());
  await mkdir(paths.buildFolder('spool'), { recursive: true, mode: 0o700 });
  try {
    const indexer = new TarIndexer();
    let received = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        received += chunk.length;
        yield chunk;
      }
    };
    await write(path, uncompressed(counted()), (piece) => indexer.write(piece), signal);
    indexer.end();
    const spooled = spooledTree(path, indexer.tree, received);
    await hashSparse(spooled, signal);
    return spooled;
  } catch (error) {
    await rm(path, { force: true });
    throw signal?.aborted === true ? signal.reason : error;
  }
}

/** The tree of a file of the spool that is written. */
export function spooledTree(path: string, tree: FileTree, received: number): SpooledTree {
  const ranges = new FileRanges(path);
  const open = (node: number): AsyncIterable<Uint8Array> => {
    const segments = tree.segments(node);
    return segments === undefined
      ? ranges.read(tree.offset(node), tree.size(node))
      : ranges.readSparse(tree.offset(node), tree.size(node), segments);
  };
  return {
    tree,
    contents: { open },
    received,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { force: true });
      await ranges[Symbol.asyncDispose]();
    },
  };
}

/** Writes a stream to a new file in pieces of 1 MiB, each of which is seen while it is being written. */
async function write(
  path: string,
  source: AsyncIterable<Uint8Array>,
  see: (piece: Uint8Array) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of inPieces(source)) {
    signal?.throwIfAborted();
    const written = file.writeFile(piece);
    try {
      see(piece);
    } finally {
      await written;
    }
  }
}

/** Collects small chunks into pieces; each is to be used before the next is asked for. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece: Buffer | undefined;
  let length = 0;
  for await (let chunk of source) {
    if (length === 0 && chunk.length >= pieceSize) {
      yield chunk;
      continue;
    }
    piece ??= Buffer.allocUnsafeSlow(pieceSize);
    while (length + chunk.length >= pieceSize) {
      const part = pieceSize - length;
      piece.set(chunk.subarray(0, part), length);
      chunk = chunk.subarray(part);
      length = 0;
      yield piece;
    }
    piece.set(chunk, length);
    length += chunk.length;
  }
  if (piece !== undefined && length > 0) yield piece.subarray(0, length);
}

/** Holes are not in the tar, so their files are hashed once the rest is there. */
async function hashSparse({ tree, contents }: SpooledTree, signal: AbortSignal | undefined): Promise<void> {
  for (const node of tree.sparseNodes()) {
    const hash = createHash('sha256');
    let pieces = 0;
    for await (const piece of contents.open(node)) {
      if (++pieces % 64 === 0) await new Promise(setImmediate); // a large hole must not hold up all else
      signal?.throwIfAborted();
      hash.update(piece);
    }
    tree.setDigest(node, hash.digest());
  }
}
