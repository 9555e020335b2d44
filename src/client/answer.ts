import type { Connection } from './connection.ts';
import type { HttpResponse } from './http.ts';

/** What a daemon answers to a call. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncGenerator<Uint8Array, void, void>;
  text(): Promise<string>;
  json<T>(): Promise<T>;
  /** The raw stream of a switched connection; `multiplexed` when each write carries attach's eight-byte header. */
  hijack(): Connection;
  /** Drops what was not read. */
  close(): void;
}

export function answerOf(response: HttpResponse, connection: Connection): Answer {
  const text = async () => {
    const decoder = new TextDecoder();
    let all = '';
    for await (const bytes of response.body) all += decoder.decode(bytes, { stream: true });
    return all + decoder.decode();
  };
  return {
    status: response.status,
    headers: response.headers,
    body: response.body,
    text,
    json: async <T>() => JSON.parse(await text()) as T,
    hijack: () => response.hijack(),
    close: () => connection.close(),
  };
}
