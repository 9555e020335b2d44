import { EngineError, type ErrorKind } from '#base/errors.ts';
import type { Failure } from '../api/index.ts';
import { type Headers, json, type Reply } from '../http/index.ts';
import { LimitReached } from '../records/limit-reached.ts';
import { TooManyAttempts } from './attempts.ts';

/** A refusal that the page acts on: with a code, or the field of a form that is wrong. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: Failure['code'];
  readonly field: string | undefined;

  constructor(status: number, { message, code, field }: Failure) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

const statusOf: Readonly<Record<ErrorKind, number>> = {
  ...{ invalid: 400, unauthorized: 401, forbidden: 403, notFound: 404, conflict: 409 },
  ...{ unsupported: 405, cancelled: 499, unavailable: 503, internal: 500 },
};

/** Any error as `/api/` tells it; undefined for what is nobody's to know. */
export function apiFailed(error: unknown): Reply | undefined {
  if (error instanceof ApiFailure) {
    const { status, message, code, field } = error;
    return told(status, {
      message,
      ...(code !== undefined && { code }),
      ...(field !== undefined && { field }),
    });
  }
  if (error instanceof TooManyAttempts)
    return told(
      429,
      { message: error.message, code: 'too-many-attempts' },
      { 'Retry-After': String(error.retryAfterSeconds) },
    );
  if (error instanceof LimitReached) return told(403, { message: error.message, code: 'limit-reached' });
  if (!(error instanceof EngineError) || error.kind === 'internal') return undefined;
  return told(statusOf[error.kind], { message: error.message });
}

const told = (status: number, failure: Failure, headers: Headers = {}): Reply =>
  json(failure, status, { 'Cache-Control': 'no-store', ...headers });

/** Runs a check of one field of a form; what it refuses names the field. */
export async function inField<T>(field: string, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new ApiFailure(statusOf[error.kind], { message: error.message, field });
  }
}
