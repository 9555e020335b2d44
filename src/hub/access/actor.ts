import type { Level } from '../api/accounts.ts';

/** Who asks. What may be done is decided by `Access`, by who it is and no more than `ceiling`. */
export type Actor = Stranger | Person;

/** What a registry token is for: the level by a repository's whole name, `''` for the catalogue. */
export type Scopes = ReadonlyMap<string, Level>;

export interface Stranger {
  readonly kind: 'stranger';
  /** Of the connection, or of what a trusted proxy names. */
  readonly address: string;
  /** Present: only these, at most. */
  readonly scopes?: Scopes;
}

export interface Person {
  readonly kind: 'person';
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly address: string;
  /** How it is known: a cookie needs the CSRF token, a registry token is for the repositories in it alone. */
  readonly via: 'session' | 'password' | 'access-token' | 'registry-token';
  /** What an access token allows at most. */
  readonly ceiling: Level;
  /** Present: only these, at most. */
  readonly scopes?: Scopes;
}

const order: readonly (Level | 'none')[] = ['none', 'read', 'write', 'admin'];

/** Whether a level has all that another has. */
export const reaches = (level: Level | 'none', needed: Level): boolean =>
  order.indexOf(level) >= order.indexOf(needed);

export function lower<A extends Level | 'none', B extends Level | 'none'>(a: A, b: B): A | B {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}
