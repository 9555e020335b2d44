import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FileRange, Reply } from './reply.ts';

/** Pieces of a file on their way: few and large ones cost the least. Where many are sent at once, they are smaller. */
const pieceSize = { most: 1 << 20, least: 64 << 10, together: 16 << 20 };

/** Puts a reply on the wire; resolves when all of it is written or the client has gone. */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { status, headers = {}, body } = reply;
  const isHead = request.method === 'HEAD';
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    // a reply to HEAD without a body says the length itself
    const known = status === 204 || status === 304 || 'Content-Length' in headers;
    response.writeHead(
      status,
      known ? headersOf(headers) : { ...headersOf(headers), 'Content-Length': length },
    );
    response.end(isHead ? undefined : body);
    return;
  }
  if ('path' in body) return sendFile(response, reply, { file: body, isHead });
  response.writeHead(status, headersOf(headers));
  if (isHead) response.end();
  else await pipe(body, response);
}

const headersOf = (headers: NonNullable<Reply['headers']>) => headers as Record<string, string | string[]>;

async function sendFile(
  response: ServerResponse,
  { status, headers = {} }: Reply,
  { file, isHead }: { readonly file: FileRange; readonly isHead: boolean },
): Promise<void> {
  const { path, start, length } = file;
  // opened before the head goes out: what is not there can still be said
  await using handle = await open(path);
  response.writeHead(status, { ...headersOf(headers), 'Content-Length': length });
  if (isHead || length === 0) {
    response.end();
    return;
  }
  using pieces = piecesFor(length);
  const read = async (piece: Buffer, at: number): Promise<Buffer> => {
    const wanted = Math.min(piece.length, length - at);
    const { bytesRead } = await handle.read(piece, 0, wanted, start + at);
    return piece.subarray(0, bytesRead);
  };
  let next = read(pieces.turn(), 0);
  for (let at = 0; at < length; ) {
    const piece = await next;
    if (piece.length === 0 || response.destroyed) {
      response.destroy();
      return;
    }
    at += piece.length;
    const isTaken = response.write(piece);
    // while this one leaves, the next comes in, in the place of the one before, which has left
    next = at < length ? read(pieces.turn(), at) : Promise.resolve(piece);
    next.catch(() => undefined); // it is looked at in its turn
    if (!isTaken) await drained(response);
  }
  response.end();
  await finished(response);
}

/** Buffers that are not in use: big ones are costly to make for each reply. */
const spare: Buffer[] = [];
const mostSpare = 16;
let sending = 0;

/** Two buffers in turn. */
function piecesFor(length: number): Disposable & { turn(): Buffer } {
  sending += 1;
  const share = Math.max(pieceSize.least, Math.min(pieceSize.most, pieceSize.together / sending));
  const size = Math.min(Math.floor(share), length);
  const made: Buffer[] = [];
  let turn = 0;
  return {
    turn: () => {
      turn ^= 1;
      made[turn] ??= (size === pieceSize.most ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
      return made[turn]!;
    },
    [Symbol.dispose]: () => {
      sending -= 1;
      const big = made.filter((piece) => piece?.length === pieceSize.most);
      spare.push(...big.slice(0, mostSpare - spare.length));
    },
  };
}

async function pipe(pieces: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Until what was written has left, or the client has gone. */
function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    response.off('drain', done).off('close', done);
    resolve();
  };
  response.on('drain', done).on('close', done);
  return promise;
}

async function finished(response: ServerResponse): Promise<void> {
  if (!response.writableFinished && !response.destroyed) await once(response, 'close').catch(() => undefined);
}
