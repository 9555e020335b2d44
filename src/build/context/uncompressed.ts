import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compressionOf, decompressed, peeked } from '#archive/compression.ts';
import { invalid, unsupported } from '#base/errors.ts';

/**
 * A stream's uncompressed bytes: plain, gzip and zstd as they come; xz and bzip2 by the program of that name.
 *
 * @throws {EngineError} `unsupported` when the machine lacks the program; `invalid` for a broken stream
 */
export async function* uncompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, whole } = await peeked(source, 6);
  const compression = compressionOf(start);
  if (compression === 'xz' || compression === 'bzip2') yield* piped(whole, compression);
  else yield* decompressed(whole);
}

async function* piped(
  source: AsyncIterable<Uint8Array>,
  program: 'xz' | 'bzip2',
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'], env: cleanEnvironment() });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = `${said}${bytes}`.slice(0, 1000);
  });
  child.on('error', () =>
    reject(unsupported(`archives compressed by ${program} need the program ${program}`)),
  );
  child.on('close', (code, signal) => {
    if (code === 0) resolve();
    else reject(invalid(`invalid ${program} stream: ${said.trim() || (signal ?? `exit code ${code}`)}`));
  });
  ended.catch(() => undefined); // told below
  // the program may end before its input does: what it says of that counts, not the broken pipe
  const fed = pipeline(Readable.from(source, { objectMode: true, highWaterMark: 2 }), child.stdin);
  const failure = fed.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const failed = await Promise.race([failure, ended.then(() => undefined)]);
    await ended.catch((error: unknown) => {
      throw failed === undefined || isBrokenPipe(failed) ? error : failed;
    });
  } finally {
    child.kill('SIGKILL');
    child.stdin.destroy();
  }
}

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE');

const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
});
