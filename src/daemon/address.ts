import { invalid } from '#base/errors.ts';

/** Where the API is served. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/**
 * `unix:///run/x.sock`, `tcp://127.0.0.1:2376`, `127.0.0.1:2376`.
 *
 * @param standard what an empty part means: the socket's path, and 2375 or (with TLS) 2376
 * @throws {EngineError} `invalid`: `Invalid bind address format: foo://x`
 */
export function parseAddress(
  text: string,
  standard: { readonly socket: string; readonly port: number },
): Address {
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(text.trim()) ?? [];
  if (scheme === 'unix') return { kind: 'unix', path: rest || standard.socket };
  if (scheme !== 'tcp' || (rest === '' && !text.includes('://')))
    throw invalid(`Invalid bind address format: ${text}`);
  const match = /^(\[[^\]]+\]|[^:/]*)(?::(\d*))?\/?$/.exec(rest);
  const port = Number(match?.[2] || standard.port);
  if (match === null || port > 65535) throw invalid(`Invalid bind address format: ${text}`);
  return { kind: 'tcp', host: match[1]!.replace(/^\[|\]$/g, '') || '127.0.0.1', port };
}

/** As a client writes it. */
export const shownAddress = (address: Address): string =>
  address.kind === 'unix'
    ? `unix://${address.path}`
    : `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
