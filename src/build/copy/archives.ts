import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compressionOf, decompressed, peeked } from '#archive/compression.ts';
import { readTar } from '#archive/read-tar.ts';
import { messageOf, unsupported } from '#base/errors.ts';

/** Programs for what the platform does not decompress; asked for only when such a file comes. */
const programs: Readonly<Record<string, string>> = { xz: 'xz', bzip2: 'bzip2' };

/** Uncompressed bytes, whatever of gzip, zstd, xz or bzip2 they are compressed by. @throws {EngineError} `unsupported` */
export async function* decompressedByAny(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, whole } = await peeked(source, 6);
  const program = programs[compressionOf(start)];
  if (program === undefined) yield* decompressed(whole);
  else yield* piped(whole, program);
}

async function* piped(source: AsyncIterable<Uint8Array>, program: string): AsyncGenerator<Uint8Array> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  child.once('error', (error) =>
    reject(unsupported(`archives compressed by ${program} need the program: ${messageOf(error)}`)),
  );
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const feeding = pipeline(Readable.from(source), child.stdin).catch(() => undefined);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await Promise.race([exited, failed]);
    if (code !== 0) throw unsupported(`${program} ended with ${code}`);
  } finally {
    child.kill('SIGKILL');
    await feeding;
  }
}

/** Whether a file is a tar, compressed or not: its first header says so. */
export async function isArchive(source: AsyncIterable<Uint8Array>): Promise<boolean> {
  const { start, whole } = await peeked(source, 512);
  const compression = compressionOf(start);
  const looksPlain = start.length === 512 && hasChecksum(start);
  if (compression === 'none' && !looksPlain) {
    await whole[Symbol.asyncIterator]().return?.();
    return false;
  }
  try {
    for await (const _ of readTar(decompressedByAny(whole))) return true;
  } catch {
    // compressed, and no tar inside
  }
  return false;
}

/** @see POSIX ustar: the sum of a header's bytes, its own field taken as blanks */
function hasChecksum(header: Uint8Array): boolean {
  const text = Buffer.from(header.subarray(148, 156)).toString('latin1');
  const want = Number.parseInt(text.replace(/[\0 ]+$/g, '').trim(), 8);
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 0x20 : header[at]!;
  return sum === want;
}
