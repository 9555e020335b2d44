import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { invalid, unsupported } from '#base/errors.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** zlib's own 16 KiB pieces make it 3.4 times slower. */
const chunkSize = 1 << 20;
/** Pieces as small as a network's cost more in going to the worker pool and back. */
const inputSize = 1 << 18;

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** What the first bytes (six suffice) are compressed by. A zstd stream may begin with skippable frames. */
export function compressionOf(start: Uint8Array): Compression {
  const skippable =
    (start[0]! & 0xf0) === 0x50 && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18;
  if (skippable) return 'zstd';
  return magics.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? 'none';
}

/**
 * The uncompressed bytes of a stream, whatever its magic says it is compressed by; a plain stream passes as it is.
 *
 * @throws {EngineError} `unsupported` for xz and bzip2; `invalid` for a broken or cut stream
 */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, whole } = await peeked(source, 6);
  const compression = compressionOf(start);
  if (compression === 'none') yield* whole;
  else if (compression === 'gzip')
    yield* inflated(inPieces(whole, inputSize), createGunzip({ chunkSize }), compression);
  else if (compression === 'zstd') yield* inflated(whole, createZstdDecompress({ chunkSize }), compression);
  else throw unsupported(`archives compressed by ${compression} are not supported: use gzip or zstd`);
}

/** The stream compressed. The same bytes give the same result: gzip's header holds no name and no time. */
export function compressed(
  source: AsyncIterable<Uint8Array>,
  options: { readonly compression?: 'gzip' | 'zstd'; readonly level?: number } = {},
): AsyncGenerator<Uint8Array> {
  const { compression = 'gzip', level } = options;
  const through =
    compression === 'gzip'
      ? createGzip({ chunkSize, level: level ?? constants.Z_DEFAULT_COMPRESSION, memLevel: 9 })
      : createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level ?? 3 } });
  // zstd's result depends on how it is fed.
  return inflated(compression === 'zstd' ? inPieces(source, chunkSize) : source, through, compression);
}

/** The bytes in pieces of one size, but for the last. */
async function* inPieces(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (let chunk of source) {
    while (length + chunk.length >= size) {
      yield Buffer.concat([...held, chunk.subarray(0, size - length)]);
      chunk = chunk.subarray(size - length);
      held = [];
      length = 0;
    }
    held.push(chunk);
    length += chunk.length;
  }
  yield Buffer.concat(held);
}

/** Runs bytes through a zlib stream. */
async function* inflated(
  source: AsyncIterable<Uint8Array>,
  through: Transform,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  // Object mode, or what waits in it would be copied together.
  const out = new PassThrough({ readableObjectMode: true, readableHighWaterMark: 4 });
  const done = pipeline(Readable.from(source, { objectMode: true, highWaterMark: 2 }), through, out);
  done.catch(() => undefined); // told below
  try {
    yield* out;
    await done;
  } catch (error) {
    throw asInvalid(error, compression);
  } finally {
    out.destroy();
  }
}

function asInvalid(error: unknown, compression: Compression): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const ours = code.startsWith('Z_') || code.startsWith('ZSTD_');
  return ours
    ? invalid(`invalid ${compression} stream: ${(error as Error).message}`, { cause: error })
    : error;
}

/** The first bytes of a stream, and the stream with them still in it. */
export async function peeked(
  source: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ readonly start: Buffer; readonly whole: AsyncIterable<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < size) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    held.push(value);
    length += value.length;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* held;
      for (;;) {
        const { done, value } = await chunks.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      await chunks.return?.();
    }
  }
  return { start: Buffer.concat(held).subarray(0, size), whole: whole() };
}
