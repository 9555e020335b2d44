import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FileRange, Reply } from './reply.ts';

/** Pieces of a file on their way: few and large ones cost the least. */
const pieceSize = 1 << 20;

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
  const pieces = [
    Buffer.allocUnsafeSlow(Math.min(pieceSize, length)),
    Buffer.allocUnsafeSlow(Math.min(pieceSize, length)),
  ];
  for (let at = 0, turn = 0; at < length; turn ^= 1) {
    const piece = pieces[turn]!;
    const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, length - at), start + at);
    if (bytesRead === 0 || response.destroyed) {
      response.destroy();
      return;
    }
    at += bytesRead;
    // a piece may be filled anew once the one after it is accepted, for that comes after it has left
    if (!response.write(piece.subarray(0, bytesRead))) await drained(response);
  }
  response.end();
  await finished(response);
}

async function pipe(pieces: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Until what was written has left, or the client has gone. */
async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]).catch(() => undefined);
}

async function finished(response: ServerResponse): Promise<void> {
  if (!response.writableFinished && !response.destroyed) await once(response, 'close').catch(() => undefined);
}
