/**
 * hub/api: the shapes of the Hub's own API (`/api/…`, JSON), each once: the server checks requests by them, the page is typed
 * by them. Pure: nothing of Node.
 *
 * Errors are `{ "message": "…", "code": "…" }` with the status that fits; `code` only where the page acts on it. Lists are
 * paged: `?page=1&size=25`. Repositories are named whole (`team/app`); what belongs to one follows `/-/`, which no name has.
 */
export * from './accounts.ts';
export * from './administration.ts';
export * from './repositories.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Of all pages. */
  readonly total: number;
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

export interface Failure {
  readonly message: string;
  readonly code?:
    | 'second-factor-required'
    | 'second-factor-invalid'
    | 'too-many-attempts'
    | 'sign-up-closed'
    | 'limit-reached';
  /** Of the request, that is wrong. */
  readonly field?: string;
}
