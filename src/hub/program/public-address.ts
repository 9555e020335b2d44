import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { invalid } from '#base/errors.ts';
import { forwarded, type Proxies, peerOf } from './client-address.ts';

export interface PublicAddress {
  /** The token service: `https://hub.example.org/token`. */
  readonly realm: string;
  /** The Hub's name among registries: `hub.example.org`. */
  readonly service: string;
}

/** @param text `https://hub.example.org`. @throws {EngineError} `invalid` */
export function parsePublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search + url.hash !== ''
  )
    throw invalid(`the public URL is like https://hub.example.org, not ${JSON.stringify(text)}`);
  return url;
}

/** Where a client finds the Hub: as configured, or else by the name that it asked for. */
export function publicAddress(
  request: IncomingMessage,
  { url, proxies }: { readonly url: URL | undefined; readonly proxies: Proxies },
): PublicAddress {
  if (url !== undefined) return { realm: `${url.origin}/token`, service: url.host };
  const isProxied = proxies.trusts(peerOf(request));
  const host = hostOf(request, isProxied);
  const isSecure =
    (request.socket as Partial<TLSSocket>).encrypted === true ||
    (isProxied && /^https\b/i.test(forwarded(request, 'x-forwarded-proto')));
  return { realm: `${isSecure ? 'https' : 'http'}://${host}/token`, service: host };
}

/** What stands in a challenge must be a host's name, whatever the client sends. */
function hostOf(request: IncomingMessage, isProxied: boolean): string {
  const told = isProxied ? forwarded(request, 'x-forwarded-host').split(',')[0]!.trim() : '';
  const host = told === '' ? (request.headers.host ?? '') : told;
  if (/^([a-z0-9]([a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i.test(host)) return host;
  const { localAddress = '', localPort = 0 } = request.socket;
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}
