import type { IncomingMessage } from 'node:http';
import type { PublicAddress } from './public-address.ts';
import { isSecure } from './public-address.ts';

export type CookieKind = 'session' | 'visitor';

/** Where TLS is, the prefix makes browsers hold it to this host, to `Secure` and to `/`: no other site of the domain can set it. */
function nameOf(kind: CookieKind, address: ReturnType<PublicAddress>): string {
  // cookies do not know ports: two Hubs on one host have theirs apart by name
  const { port } = new URL(address.realm);
  return `${isSecure(address) ? '__Host-' : ''}hub-${kind}${port === '' ? '' : `-${port}`}`;
}

/** A cookie of ours that came with a request. */
export function cookieOf(
  request: IncomingMessage,
  kind: CookieKind,
  address: ReturnType<PublicAddress>,
): string | undefined {
  const prefix = `${nameOf(kind, address)}=`;
  const found = (request.headers.cookie ?? '').split(/; */).find((pair) => pair.startsWith(prefix));
  const value = found?.slice(prefix.length);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/**
 * A `Set-Cookie`. Not for scripts. `Lax`, not `Strict`: who follows a link to the Hub (an invitation in a mail) is signed in there;
 * what changes anything needs the CSRF token besides.
 *
 * @param options.maxAgeSeconds 0 removes it
 */
export function setCookie(
  kind: CookieKind,
  value: string,
  options: { readonly address: ReturnType<PublicAddress>; readonly maxAgeSeconds: number },
): string {
  const { address } = options;
  const parts = [`${nameOf(kind, address)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  return [...parts, `Max-Age=${options.maxAgeSeconds}`, ...(isSecure(address) ? ['Secure'] : [])].join('; ');
}
