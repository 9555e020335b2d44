import type { HttpRequest } from './http.ts';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the version: `/containers/json`. */
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, being JSON. */
  readonly text?: string;
  /** Sent as it is; the content type is a tar's unless `headers` says otherwise. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** What of a call is the request's body. */
export function bodyOf(call: Call): Pick<HttpRequest, 'body'> {
  if (call.stream !== undefined) return { body: call.stream };
  if (call.text !== undefined) return { body: call.text };
  return call.json === undefined ? {} : { body: JSON.stringify(call.json) };
}

/** A query with its question mark, empty when there is nothing to ask. */
export function queryText(query: Query = {}): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      const text = each === true ? '1' : each === false ? '0' : String(each);
      parts.push(`${name}=${encodeURIComponent(text).replaceAll('%20', '+')}`);
    }
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
