import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

const blockBytes = 1 << 20;
const windowBytes = 32 << 10;
/** The quickest: above it time grows much faster than the result shrinks. */
const level = 1;
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** A last, empty block. */
const ending = Buffer.from([0x03, 0x00]);
const deflate = promisify<Uint8Array, object, Buffer>(deflateRaw);

/** How many blocks are compressed at once; one more is being filled, and the one before is still looked back at. */
const concurrency = availableParallelism();
const ringLength = concurrency + 3;

/**
 * Compresses by blocks, on as many threads as there are cores. Each block knows the end of the one before, so that
 * little is lost; the result is one gzip member and depends on the bytes alone, never on the threads.
 *
 * @see RFC 1951 § 3.2.4 for the byte-aligned ends, RFC 1952
 */
export async function* recompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  const running: Promise<Buffer>[] = [];
  let before: Buffer | undefined;
  let sum = 0;
  let length = 0;
  yield header;
  for await (const block of blocks(source)) {
    sum = crc32(block, sum);
    length += block.length;
    const work = deflate(block, optionsAfter(before));
    work.catch(() => undefined); // told when its turn comes
    running.push(work);
    before = block;
    if (running.length > concurrency) yield await running.shift()!;
  }
  for (const work of running) yield await work;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield Buffer.concat([ending, trailer]);
}

function optionsAfter(before: Buffer | undefined): object {
  const dictionary = before?.subarray(-windowBytes);
  const common = { level, memLevel: 9, chunkSize: blockBytes / 2, finishFlush: constants.Z_SYNC_FLUSH };
  return dictionary === undefined ? common : { ...common, dictionary };
}

/**
 * Blocks of one size, whatever the chunks: the same bytes are cut at the same places. A block is good until `ringLength`
 * more were given: then its memory is filled anew.
 */
async function* blocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  const ring: Buffer[] = [];
  let [turn, filled] = [0, 0];
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      ring[turn] ??= Buffer.allocUnsafeSlow(blockBytes);
      const count = Math.min(chunk.length - at, blockBytes - filled);
      ring[turn]!.set(chunk.subarray(at, at + count), filled);
      [at, filled] = [at + count, filled + count];
      if (filled < blockBytes) continue;
      yield ring[turn]!;
      [turn, filled] = [(turn + 1) % ringLength, 0];
    }
  }
  if (filled > 0) yield ring[turn]!.subarray(0, filled);
}
