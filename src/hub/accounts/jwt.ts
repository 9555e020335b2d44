import { type KeyObject, sign, verify } from 'node:crypto';

/** What a registry token says (RFC 7519; `access` as the distribution project's Token Authentication Implementation has it). */
export interface Claims {
  readonly iss: string;
  /** The user's name; '' for strangers. */
  readonly sub: string;
  readonly aud: string;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access: readonly ResourceAccess[];
  /** Whose it is, and what made it; absent for strangers. */
  readonly hub?: Origin;
}

export interface ResourceAccess {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

export interface Origin {
  readonly user: string;
  readonly ceiling: 'read' | 'write' | 'admin';
  readonly by: 'password' | 'access-token' | 'refresh-token';
  /** The record of it; for a password, when it was set. */
  readonly proof: string;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT signed with ES256 (RFC 7518 §3.4): of the ways to sign, the one that is checked fastest here. */
export function signedToken(
  claims: Claims,
  key: { readonly id: string; readonly privateKey: KeyObject },
): string {
  const text = `${part({ alg: 'ES256', typ: 'JWT', kid: key.id })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/**
 * What a token says, when it was signed by one of our keys. Its times and audience are the caller's to look at. The header's
 * `alg` is not: how a key is used is ours to say.
 *
 * @param keyOf the public key of an id; undefined for one that is none of ours
 */
export async function verifiedClaims(
  token: string,
  keyOf: (id: string) => Promise<KeyObject | undefined>,
): Promise<Claims | undefined> {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [head, body, signature] = parts as [string, string, string];
  const id = (jsonOf(head) as { kid?: unknown } | null | undefined)?.kid;
  const key = typeof id === 'string' ? await keyOf(id) : undefined;
  if (key === undefined) return undefined;
  try {
    const isOurs = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    return isOurs ? (jsonOf(body) as Claims | undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
