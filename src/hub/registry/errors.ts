import { EngineError, type ErrorKind } from '#base/errors.ts';
import { TooManyAttempts } from '../accounts/attempts.ts';
import type { Headers, Reply } from '../http/reply.ts';
import { LimitReached } from '../records/limit-reached.ts';
import { UploadTooLong } from '../store/blob-store.ts';
import { answer } from './replies.ts';

/** @see OCI distribution-spec, § Error Codes; the last three are docker-registry's */
export type RegistryCode = keyof typeof statusOf;

const statusOf = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  PAGINATION_NUMBER_INVALID: 400,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
} as const;

/** What a request is refused with, as registries' clients read it. */
export class RegistryError extends Error {
  readonly code: RegistryCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Headers;

  constructor(
    code: RegistryCode,
    message: string,
    options: { readonly status?: number; readonly detail?: unknown; readonly headers?: Headers } = {},
  ) {
    super(message);
    this.name = 'RegistryError';
    this.code = code;
    this.status = options.status ?? statusOf[code];
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }
}

/** Both of what is not there and of what is not to be seen. */
export const nameUnknown = (name: string): RegistryError =>
  new RegistryError('NAME_UNKNOWN', 'repository name not known to registry', { detail: { name } });

export const denied = (message = 'requested access to the resource is denied'): RegistryError =>
  new RegistryError('DENIED', message);

/** Undefined for what is nobody's to know. */
export function failureReply(error: unknown): Reply | undefined {
  const known = asRegistryError(error);
  return known && errorReply(known);
}

function errorReply({ code, message, detail, status, headers }: RegistryError): Reply {
  const entry = detail === undefined ? { code, message } : { code, message, detail };
  return answer(status, {
    headers: { 'Content-Type': 'application/json', ...headers },
    body: `${JSON.stringify({ errors: [entry] })}\n`,
  });
}

function asRegistryError(error: unknown): RegistryError | undefined {
  if (error instanceof RegistryError) return error;
  if (error instanceof TooManyAttempts)
    return new RegistryError('TOOMANYREQUESTS', error.message, {
      headers: { 'Retry-After': `${error.retryAfterSeconds}` },
    });
  if (error instanceof LimitReached) return denied(error.message);
  if (error instanceof UploadTooLong)
    return new RegistryError('SIZE_INVALID', error.message, { status: 413 });
  if (error instanceof EngineError) {
    const code = codeOf[error.kind];
    return code && new RegistryError(code, error.message);
  }
  return isFull(error)
    ? new RegistryError('UNAVAILABLE', 'the registry has no space left', { headers: { 'Retry-After': '60' } })
    : undefined;
}

/** Errors of the rooms below; what a route can say better it says itself. */
const codeOf: Partial<Record<ErrorKind, RegistryCode>> = {
  invalid: 'NAME_INVALID',
  unauthorized: 'UNAUTHORIZED',
  forbidden: 'DENIED',
  notFound: 'NAME_UNKNOWN',
  unsupported: 'UNSUPPORTED',
  unavailable: 'UNAVAILABLE',
};

const sqliteFull = 13;

function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as Error & { code?: string; errcode?: number };
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === sqliteFull;
}
