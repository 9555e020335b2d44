import { EngineError, invalid } from '#base/errors.ts';
import type { Descriptor } from '#oci/manifest.ts';
import { ConnectionError, unexpected } from './registry-error.ts';
import { isTransient, pause, type RetryPolicy, waitAfter } from './retry.ts';
import type { HttpResponse } from './transport.ts';
import { Verifier } from './verifier.ts';

/** Opens a blob at an offset: 206 from there, or 200 from the start where a server knows no ranges. */
export type OpenBlob = (offset: number) => Promise<HttpResponse>;

const chunkBytes = 1 << 20;

/**
 * The bytes of a blob in large chunks, checked as they pass. A connection that is cut is taken up where it broke.
 *
 * What was yielded before an error is not yet trusted: only the end of the iteration says that all of it was right.
 *
 * @throws {EngineError} `invalid` for a wrong digest or size; the registry's error when it refuses
 */
export async function* fetchBlob(
  blob: Pick<Descriptor, 'digest' | 'size'>,
  options: {
    readonly open: OpenBlob;
    readonly retry: RetryPolicy;
    readonly signal?: AbortSignal | undefined;
  },
): AsyncGenerator<Buffer, void, void> {
  const verifier = new Verifier(blob);
  for (let failures = 0; verifier.received < blob.size; ) {
    const before = verifier.received;
    try {
      yield* gathered(bytesFrom(await options.open(before), before, blob), verifier);
      if (verifier.received < blob.size) throw cut(blob);
    } catch (error) {
      failures = verifier.received > before ? 1 : failures + 1;
      if (
        options.signal?.aborted ||
        !isTransient(error, { known: true }) ||
        failures >= options.retry.attempts
      )
        throw error;
      await pause(waitAfter(error, failures, options.retry), options.signal);
    }
  }
  verifier.finish();
}

const cut = (blob: Pick<Descriptor, 'digest'>) =>
  new ConnectionError(`${blob.digest}: unexpected EOF`, 'ECONNRESET');

/** The body from `offset` on, whichever way the server answered. */
async function* bytesFrom(
  response: HttpResponse,
  offset: number,
  blob: Pick<Descriptor, 'digest' | 'size'>,
): AsyncGenerator<Buffer, void, void> {
  let skip = checkedSkip(response, offset, blob);
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      yield skip === 0 ? chunk : chunk.subarray(skip);
      skip = 0;
    }
  }
}

function checkedSkip(
  response: HttpResponse,
  offset: number,
  blob: Pick<Descriptor, 'digest' | 'size'>,
): number {
  const length = response.headers['content-length'];
  if (response.status === 200) {
    if (length !== undefined && Number(length) !== blob.size)
      throw refused(
        response,
        invalid(`${blob.digest} is ${length} bytes long, not ${blob.size} as announced`),
      );
    return offset;
  }
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
  if (Number(start) !== offset)
    throw refused(
      response,
      unexpected(`${blob.digest}: the range asked for starts at ${offset}, not ${start}`),
    );
  return 0;
}

function refused<E>(response: HttpResponse, error: E): E {
  response.body.on('error', () => undefined);
  response.body.destroy();
  return error;
}

/** Whatever ends a body before its end is a connection that was cut. */
function asCut(error: unknown): unknown {
  if (error instanceof EngineError || (error instanceof Error && error.name === 'AbortError')) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ECONNRESET';
  return new ConnectionError('unexpected EOF', code, error);
}

/** Joins what the network delivers into chunks worth handling. What came before a cut is given before the error. */
async function* gathered(
  source: AsyncIterable<Buffer>,
  verifier: Verifier,
): AsyncGenerator<Buffer, void, void> {
  let parts: Buffer[] = [];
  let length = 0;
  let failure: { readonly error: unknown } | undefined;
  const take = () => {
    const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
    [parts, length] = [[], 0];
    verifier.add(whole);
    return whole;
  };
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        failure = { error: asCut(error) };
      });
      if (!next || next.done) break;
      parts.push(next.value);
      length += next.value.length;
      if (length >= chunkBytes) yield take();
    }
    if (length > 0) yield take();
  } finally {
    await iterator.return?.();
  }
  if (failure !== undefined) throw failure.error;
}
