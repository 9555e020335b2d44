export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Bytes of a file, sent as they lie there. Closing is the sender's. */
export interface FileRange {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/** What a route answers; `send.ts` puts it on the wire, without the body where the method is HEAD. */
export interface Reply {
  readonly status: number;
  readonly headers?: Headers;
  /** A stream needs a Content-Length of its own, or is chunked. */
  readonly body?: string | Uint8Array | FileRange | AsyncIterable<Uint8Array>;
}

export const json = (body: unknown, status = 200, headers: Headers = {}): Reply => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
export const created = (body: unknown): Reply => json(body, 201);
export const empty = (status = 204, headers: Headers = {}): Reply => ({ status, headers });
export const text = (body: string, status = 200): Reply => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body,
});
