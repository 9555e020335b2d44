import type { IncomingMessage } from 'node:http';

/** Where clients reach the Hub, by what a request (and a proxy that is trusted) says. */
export type PublicAddress = (request: IncomingMessage) => {
  /** The token service's URL: `https://hub.example.com/token`. */
  readonly realm: string;
  /** `hub.example.com:5000`: what image names begin with. */
  readonly service: string;
};

export const isSecure = ({ realm }: ReturnType<PublicAddress>): boolean => realm.startsWith('https:');
export const originOf = ({ realm }: ReturnType<PublicAddress>): string => new URL(realm).origin;

/** A value of `WWW-Authenticate` that sends clients to the token service. */
export function challengeOf(
  { realm, service }: ReturnType<PublicAddress>,
  scopes: readonly string[],
  error?: 'invalid_token' | 'insufficient_scope',
): string {
  const scope = scopes.length === 0 ? '' : `,scope="${scopes.join(' ').replace(/["\\\r\n]/g, '')}"`;
  return `Bearer realm="${realm}",service="${service}"${scope}${error === undefined ? '' : `,error="${error}"`}`;
}
