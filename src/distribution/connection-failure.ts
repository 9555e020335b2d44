import { connectionFailure } from '#base/connection-failure.ts';
import { ConnectionError } from './registry-error.ts';
import type { HttpRequest } from './transport.ts';

/** A failed connection in the words people know from Docker. */
export function explained(error: unknown, request: Pick<HttpRequest, 'method' | 'url'>): ConnectionError {
  const { code, reason } = connectionFailure(error, request.url);
  return new ConnectionError(`${verbOf(request.method)} "${request.url.href}": ${reason}`, code, error);
}

/** `GET` → `Get`, as Go's messages begin. */
export const verbOf = (method: string): string => method.charAt(0) + method.slice(1).toLowerCase();
