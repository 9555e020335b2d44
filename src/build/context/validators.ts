import type { IncomingHttpHeaders } from 'node:http';

/** What tells one version of a resource from another. @see RFC 9110 § 8.8 */
export interface Validators {
  readonly etag: string | undefined;
  /** HTTP-date. */
  readonly lastModified: string | undefined;
}

/** A longer header is no validator. */
const longest = 1024;

/** Those that an answer gives. A time of modification counts when the answer is younger: else it may name two versions. */
export function validatorsOf(headers: IncomingHttpHeaders): Validators {
  const { etag, date, 'last-modified': modified } = headers;
  const age = Date.parse(date ?? '') - Date.parse(modified ?? '');
  return {
    etag: etag !== undefined && etag.length <= longest ? etag : undefined,
    lastModified: age >= 1000 && modified!.length <= longest ? modified : undefined,
  };
}

/** The conditions of a request that need only be answered when there is another version. */
export function conditionsOf({ etag, lastModified }: Validators): Readonly<Record<string, string>> {
  if (etag !== undefined) return { 'if-none-match': etag };
  return lastModified === undefined ? {} : { 'if-modified-since': lastModified };
}

/** Whether a whole answer is of the version that is known, from a server that knows no conditions: strong tags only. */
export const isSameVersion = (known: Validators, headers: IncomingHttpHeaders): boolean =>
  known.etag !== undefined && known.etag === headers.etag && !known.etag.startsWith('W/');
