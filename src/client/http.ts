import { unavailable } from '#base/errors.ts';
import { type Connection, withHead } from './connection.ts';

/** One HTTP/1.1 exchange. `path` has its query; a streamed body goes out chunked. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** To be read to its end, or closed: until then the connection is taken. */
  readonly body: AsyncGenerator<Uint8Array, void, void>;
  /** The raw stream, once the peer has switched protocols. */
  hijack(): Connection;
}

/** What a request's body comes from failed. */
export class BodyError extends Error {
  /** How: what it threw. (The small host knows no `cause`.) */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the body of the request failed');
    this.reason = reason;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const nothing = new Uint8Array(0);

/**
 * Sends a request and reads the head of its answer, skipping 1xx other than 101.
 *
 * @param done called when the answer was read to its end: `true` when the connection can carry another
 * @throws {EngineError} `unavailable` when the connection ends before an answer
 * @throws {BodyError} when the body could not be had whole: the connection is closed, since half of one is none
 * @see RFC 9112
 */
export async function exchange(
  connection: Connection,
  request: HttpRequest,
  done: (reusable: boolean) => void,
): Promise<HttpResponse> {
  let bodyError: BodyError | undefined;
  const sending = send(connection, request, (reason) => {
    bodyError = new BodyError(reason);
    connection.close();
  });
  // an answer may come before the whole body has gone out (a refused upload): it wins over the broken pipe
  sending.catch(() => {});
  const reader = new HeadReader(connection);
  try {
    let head = parseHead(await reader.next());
    while (head.status >= 100 && head.status < 200 && head.status !== 101)
      head = parseHead(await reader.next());
    const { status, headers } = head;
    const source = withHead(connection, reader.rest);
    const finish = (whole: boolean) => done(whole && headers['connection']?.toLowerCase() !== 'close');
    return { status, headers, body: bodyOf(source, head, request.method, finish), hijack: () => source };
  } catch (error) {
    done(false);
    throw bodyError ?? error;
  }
}

async function send(
  connection: Connection,
  request: HttpRequest,
  failed: (reason: unknown) => void,
): Promise<void> {
  const { method, path, body } = request;
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (const name in request.headers) head += `${name}: ${request.headers[name]}\r\n`;
  if (body === undefined) {
    if (method === 'POST' || method === 'PUT') head += 'Content-Length: 0\r\n';
    return connection.write(`${head}\r\n`);
  }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? encoder.encode(body) : body;
    return connection.write(joined(encoder.encode(`${head}Content-Length: ${bytes.length}\r\n\r\n`), bytes));
  }
  await connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  for await (const chunk of watched(body, failed)) {
    if (chunk.length === 0) continue;
    await connection.write(
      joined(encoder.encode(`${chunk.length.toString(16)}\r\n`), chunk, encoder.encode('\r\n')),
    );
  }
  await connection.write('0\r\n\r\n');
}

/** What fails in the source is told; what fails in who reads it is not. */
async function* watched(
  source: AsyncIterable<Uint8Array>,
  failed: (reason: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* source;
  } catch (error) {
    failed(error);
    throw error;
  }
}

/** Cuts heads (up to and without the blank line) out of what a connection brings. */
class HeadReader {
  rest: Uint8Array = nothing;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async next(): Promise<string> {
    for (;;) {
      const end = blankLine(this.rest);
      if (end >= 0) {
        const head = decoder.decode(this.rest.subarray(0, end));
        this.rest = this.rest.subarray(end + 4);
        return head;
      }
      const bytes = await this.#connection.read();
      if (bytes === undefined) throw unavailable('the daemon closed the connection without an answer');
      this.rest = this.rest.length === 0 ? bytes : joined(this.rest, bytes);
    }
  }
}

interface Head {
  readonly status: number;
  readonly headers: Record<string, string>;
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
  if (status === undefined) throw unavailable(`not an HTTP answer: ${JSON.stringify(first.slice(0, 60))}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(status), headers };
}

async function* bodyOf(
  source: Connection,
  { status, headers }: Head,
  method: string,
  done: (whole: boolean) => void,
): AsyncGenerator<Uint8Array, void, void> {
  let whole = false;
  try {
    const empty = method === 'HEAD' || status === 204 || status === 304;
    if (empty) whole = true;
    else if (headers['transfer-encoding']?.toLowerCase().includes('chunked')) whole = yield* chunks(source);
    else if (headers['content-length'] !== undefined)
      whole = yield* counted(source, Number(headers['content-length']));
    else yield* untilEnd(source);
  } finally {
    done(whole);
  }
}

async function* untilEnd(source: Connection): AsyncGenerator<Uint8Array, void, void> {
  for (let bytes = await source.read(); bytes !== undefined; bytes = await source.read()) yield bytes;
}

async function* counted(source: Connection, length: number): AsyncGenerator<Uint8Array, boolean, void> {
  let left = length;
  while (left > 0) {
    const bytes = await source.read();
    if (bytes === undefined) throw unavailable('unexpected EOF');
    yield left < bytes.length ? bytes.subarray(0, left) : bytes;
    left -= bytes.length;
  }
  // what comes without having been asked for makes the stream unfit for more
  return left === 0;
}

/** Decodes the chunked transfer coding; the answer is whether the stream stands at the start of a next message. */
async function* chunks(source: Connection): AsyncGenerator<Uint8Array, boolean, void> {
  let rest = nothing;
  const more = async () => {
    const bytes = await source.read();
    if (bytes === undefined) throw unavailable('unexpected EOF');
    rest = rest.length === 0 ? (bytes as typeof rest) : joined(rest, bytes);
  };
  const line = async () => {
    let end = newline(rest);
    for (; end < 0; end = newline(rest)) await more();
    const text = decoder.decode(rest.subarray(0, end));
    rest = rest.subarray(end + 2);
    return text;
  };
  for (;;) {
    let left = Number.parseInt(await line(), 16);
    if (Number.isNaN(left)) throw unavailable('malformed chunked encoding');
    if (left === 0) break;
    while (left > 0) {
      if (rest.length === 0) await more();
      const part = rest.subarray(0, Math.min(left, rest.length));
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
    await line();
  }
  while ((await line()) !== '');
  return rest.length === 0;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function newline(bytes: Uint8Array): number {
  const at = bytes.indexOf(13);
  return at >= 0 && at + 1 < bytes.length ? at : -1;
}

function blankLine(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0 && at + 3 < bytes.length; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}
