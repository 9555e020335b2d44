import type { IncomingMessage } from 'node:http';
import type { PublicAddress } from './public-address.ts';
import { isSecure } from './public-address.ts';

export type CookieKind = 'session' | 'visitor';

/** Where TLS is, the prefix makes browsers hold it to this host, to `Secure` and to `/`: no other site of the domain can set it. */
const nameOf = (kind: CookieKind, secure: boolean): string => `${secure ? '__Host-' : ''}hub-${kind}`;

/** A cookie of ours that came with a request. */
export function cookieOf(
  request: IncomingMessage,
  kind: CookieKind,
  address: ReturnType<PublicAddress>,
): string | undefined {
  const prefix = `${nameOf(kind, isSecure(address))}=`;
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
  const secure = isSecure(options.address);
  const parts = [`${nameOf(kind, secure)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  return [...parts, `Max-Age=${options.maxAgeSeconds}`, ...(secure ? ['Secure'] : [])].join('; ');
}
