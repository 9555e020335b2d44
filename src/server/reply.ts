import type { Duplex } from 'node:stream';
import type { Hijack } from './hijack.ts';

type Headers = Readonly<Record<string, string>>;

/** What a route answers; `send.ts` puts it on the wire. */
export type Reply =
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: Headers }
  /** `body` is JSON text already when it is a string. */
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly headers?: Headers }
  | { readonly kind: 'text'; readonly status: number; readonly body: string; readonly headers?: Headers }
  /** The head goes out now, one JSON value when it is there. */
  | { readonly kind: 'later'; readonly body: Promise<unknown> }
  /** JSON values, a line each. A failure before the first is an error reply; later it is a last line. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<unknown>; readonly head: Head }
  | {
      readonly kind: 'bytes';
      readonly type: string;
      readonly bytes: AsyncIterable<Uint8Array>;
      readonly head: Head;
      readonly headers?: Headers;
    }
  /** The connection becomes the stream, both ways. */
  | ({ readonly kind: 'hijack' } & Hijack)
  /** Likewise, inside a web socket; frames of a process without a terminal are taken apart. */
  | { readonly kind: 'websocket'; readonly tty: boolean; readonly stream: Duplex };

/** When the head goes out: at once, or with the first piece. */
export type Head = 'now' | 'first';

export const json = (body: unknown, status = 200): Reply => ({ kind: 'json', status, body });
export const created = (body: unknown): Reply => json(body, 201);
export const empty = (status = 204): Reply => ({ kind: 'empty', status });
export const lines = (values: AsyncIterable<unknown>, head: Head = 'first'): Reply => ({
  kind: 'lines',
  lines: values,
  head,
});
export const bytes = (
  type: string,
  stream: AsyncIterable<Uint8Array>,
  head: Head,
  headers?: Headers,
): Reply => ({
  kind: 'bytes',
  type,
  bytes: stream,
  head,
  ...(headers && { headers }),
});

/** The media type of a process's stream. Until API 1.42 there was one for both. */
export const streamType = (tty: boolean, version: number): string =>
  tty || version < 42 ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream';
