import { EngineError, type ErrorKind, unavailable } from '#base/errors.ts';
import { parseChallenges } from './challenge.ts';

/** Codes of the OCI distribution specification that callers tell apart; a registry may send others. */
export type RegistryCode =
  | 'MANIFEST_UNKNOWN'
  | 'NAME_UNKNOWN'
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'TOOMANYREQUESTS'
  | 'UNKNOWN'
  | (string & {});

/** A registry's refusal: `manifest unknown: manifest unknown`. */
export class RegistryError extends EngineError {
  readonly code: RegistryCode;
  readonly status: number;
  /** Worth another try, for the server was busy or broken and not we wrong. */
  readonly transient: boolean;
  /** How long the registry asks to wait; undefined when it does not say. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(options: {
    readonly code: RegistryCode;
    readonly status: number;
    readonly message: string;
    readonly retryAfterMilliseconds?: number | undefined;
  }) {
    super(kindOfCode(options.code, options.status), options.message);
    this.code = options.code;
    this.status = options.status;
    this.transient = options.status === 429 || (options.status >= 500 && options.status !== 501);
    this.retryAfterMilliseconds = options.retryAfterMilliseconds;
  }
}

/** The connection failed or was cut: worth another try. */
export class ConnectionError extends EngineError {
  /** Node's code: `ECONNREFUSED`, `ECONNRESET`, … */
  readonly code: string;
  constructor(message: string, code: string, cause?: unknown) {
    super('unavailable', message, { cause });
    this.code = code;
  }
}

const standard: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
  BLOB_UNKNOWN: 'blob unknown to registry',
  TOOMANYREQUESTS: 'too many requests',
};

function kindOfCode(code: RegistryCode, status: number): ErrorKind {
  if (code === 'DENIED' || status === 403) return 'forbidden';
  if (code === 'UNAUTHORIZED' || status === 401) return 'unauthorized';
  if (status === 404) return 'notFound';
  if (status === 429 || status >= 500) return 'unavailable';
  return 'invalid';
}

export interface FailedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  readonly now?: number;
}

/**
 * The error that a registry's answer means, in Docker's words.
 *
 * @see OCI distribution-spec § Error Codes; RFC 6750 § 3.1 for errors inside the challenge
 */
export function errorOfResponse(response: FailedResponse): RegistryError {
  const { status } = response;
  const retryAfterMilliseconds = retryAfter(response);
  const { code, message } = oauthError(response) ?? bodyError(response);
  return new RegistryError({ code, status, message, retryAfterMilliseconds });
}

interface Said {
  readonly code: RegistryCode;
  readonly message: string;
}

function oauthError({ status, headers }: FailedResponse): Said | undefined {
  if (status !== 401) return undefined;
  for (const challenge of parseChallenges(headers['www-authenticate'])) {
    const error = challenge.scheme === 'bearer' ? challenge.parameters['error'] : undefined;
    const code =
      error === 'insufficient_scope' ? 'DENIED' : error === 'invalid_token' ? 'UNAUTHORIZED' : undefined;
    if (code !== undefined) return said(code, challenge.parameters['error_description'] ?? '');
  }
  return undefined;
}

function bodyError({ status, statusText, body }: FailedResponse): Said {
  const document = jsonOf(body);
  const first = Array.isArray(document?.['errors']) ? (document['errors'][0] as unknown) : undefined;
  if (typeof first === 'object' && first !== null && 'code' in first && typeof first.code === 'string')
    return said(
      first.code.slice(0, 100),
      'message' in first && typeof first.message === 'string' ? first.message : '',
    );
  const detail = document?.['details'] ?? document?.['message'];
  const text = typeof detail === 'string' ? detail : '';
  if (status === 401) return said('UNAUTHORIZED', text);
  if (status === 403) return said('DENIED', text);
  if (status === 429) return said('TOOMANYREQUESTS', text);
  if (status >= 400 && status < 500 && body.length > 0 && document === undefined)
    return {
      code: 'UNKNOWN',
      message: `error parsing HTTP ${status} response body: ${JSON.stringify(excerpt(body))}`,
    };
  return { code: 'UNKNOWN', message: `received unexpected HTTP status: ${status} ${statusText}` };
}

function said(code: string, message: string): Said {
  const words = code.replaceAll('_', ' ').toLowerCase();
  return { code, message: `${words}: ${message.slice(0, 1000) || (standard[code] ?? 'unknown error')}` };
}

function jsonOf(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const excerpt = (body: Uint8Array): string => Buffer.from(body.subarray(0, 200)).toString();

function retryAfter({ headers, now = Date.now() }: FailedResponse): number | undefined {
  const text = headers['retry-after'];
  if (typeof text !== 'string') return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** A registry that answers what no registry should. */
export const unexpected = (message: string) => unavailable(`unexpected answer of the registry: ${message}`);
