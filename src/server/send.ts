import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { kindOf, messageOf } from '#base/errors.ts';
import { hijack, hijackWebSocket } from './hijack.ts';
import type { Head, Reply } from './reply.ts';
import { errorStatus } from './status.ts';

/** Puts a reply on the wire; resolves when all of it is written or the client has gone. */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  switch (reply.kind) {
    case 'empty':
      response.writeHead(reply.status, reply.headers).end();
      return;
    case 'json':
      sendJson(response, reply.status, reply.body, reply.headers);
      return;
    case 'text':
      sendText(response, reply.status, 'text/plain; charset=utf-8', reply.body, reply.headers);
      return;
    case 'later':
      return sendLater(response, reply.body);
    case 'lines':
      return sendStream(response, 'application/json', jsonLines(reply.lines), reply.head);
    case 'bytes':
      return sendStream(response, reply.type, reply.bytes, reply.head, reply.headers);
    case 'hijack':
      return hijack(request, response, reply);
    case 'websocket':
      return hijackWebSocket(request, response, reply);
  }
}

/** Answers a request that failed: before the head by its status, in a stream that has begun by cutting it. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, errorStatus(error), { message: messageOf(error) });
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers?: Record<string, string>,
): void {
  if (typeof body === 'string') sendText(response, status, 'application/json', encoded(body), headers);
  else sendText(response, status, 'application/json', `${JSON.stringify(body)}\n`, headers);
}

let lastText = '';
let lastBytes: Buffer = Buffer.alloc(0);

/** Text that a room keeps and gives again is encoded once: a list of hundreds of containers that many ask for. */
function encoded(text: string): Buffer {
  if (text !== lastText) {
    lastText = text;
    lastBytes = Buffer.from(text);
  }
  return lastBytes;
}

function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string | Buffer,
  headers?: Record<string, string>,
): void {
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

async function sendLater(response: ServerResponse, body: Promise<unknown>): Promise<void> {
  const first = await Promise.race([
    body.then(
      () => 'body',
      (error: unknown) => ({ error }),
    ),
    nextTurn(),
  ]);
  if (typeof first === 'object') throw first.error;
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
  response.end(`${JSON.stringify(await body)}\n`);
}

const nextTurn = (): Promise<'turn'> => new Promise((resolve) => setImmediate(resolve, 'turn'));

async function* jsonLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  let started = false;
  try {
    for await (const value of values) {
      started = true;
      yield `${JSON.stringify(value)}\r\n`;
    }
  } catch (error) {
    if (!started || kindOf(error) === 'cancelled') throw error;
    const message = messageOf(error);
    yield `${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`;
  }
}

async function sendStream(
  response: ServerResponse,
  type: string,
  pieces: AsyncIterable<string | Uint8Array>,
  head: Head,
  headers?: Record<string, string>,
): Promise<void> {
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(200, { ...headers, 'Content-Type': type });
    response.flushHeaders();
  };
  if (head === 'now') begin();
  for await (const piece of untilGone(pieces, response)) {
    begin();
    if (!response.write(piece)) await drained(response);
  }
  begin();
  response.end();
}

/** The pieces while the client is there; the source is ended when it goes, however long its next piece takes. */
async function* untilGone<T>(pieces: AsyncIterable<T>, response: ServerResponse): AsyncGenerator<T> {
  const iterator = pieces[Symbol.asyncIterator]();
  const { promise: gone, resolve: leave } = Promise.withResolvers<IteratorResult<T, undefined>>();
  const onClose = () => leave({ done: true, value: undefined });
  if (response.closed || response.destroyed) onClose();
  response.once('close', onClose);
  let ended = false;
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), gone]);
      if (next.done) {
        ended = !response.closed;
        return;
      }
      yield next.value;
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    response.removeListener('close', onClose);
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.closed || response.destroyed) return;
  const controller = new AbortController();
  const { signal } = controller;
  const quiet = (wait: Promise<unknown>) => wait.catch(() => undefined);
  await Promise.race([
    quiet(once(response, 'drain', { signal })),
    quiet(once(response, 'close', { signal })),
  ]);
  controller.abort();
}
