import type { IncomingMessage } from 'node:http';

/** What a request says of who sends it. */
export type Authorization =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic'; readonly name: string; readonly secret: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'unknown' };

/** @see RFC 7617, RFC 6750 */
export function authorizationOf(request: IncomingMessage): Authorization {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization === '') return { scheme: 'none' };
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return basic(value);
    case 'bearer':
      return { scheme: 'bearer', token: value };
    default:
      return { scheme: 'unknown' };
  }
}

function basic(value: string): Authorization {
  const text = Buffer.from(value, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return { scheme: 'unknown' };
  return { scheme: 'basic', name: text.slice(0, colon), secret: text.slice(colon + 1) };
}
