import { EngineError, type ErrorKind, unavailable } from '#base/errors.ts';

/** An error that the daemon answered, as against one of reaching it. */
export class DaemonError extends EngineError {
  readonly status: number;

  constructor(kind: ErrorKind, message: string, status: number) {
    super(kind, message);
    this.status = status;
  }
}

/** The error that an answer's body and status stand for. */
export function answeredError(text: string, status: number): DaemonError {
  return new DaemonError(kindOfStatus(status), errorMessage(text, status), status);
}

/** The message of an error's body. */
export function errorMessage(text: string, status: number): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message).trim();
  } catch {}
  return text.trim() || `the daemon answered ${status}`;
}

function kindOfStatus(status: number): ErrorKind {
  const kinds: Record<number, ErrorKind> = {
    400: 'invalid',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'notFound',
    409: 'conflict',
    501: 'unsupported',
    503: 'unavailable',
  };
  return kinds[status] ?? (status < 500 ? 'invalid' : 'internal');
}

/** The error of a daemon that could not be reached; `reason` where more is known than that nobody answers. */
export function unreachable(host: string, cause: unknown, reason?: string): EngineError {
  if (reason !== undefined)
    return unavailable(`Cannot connect to the Hoist daemon at ${host}: ${reason}`, { cause });
  return unavailable(`Cannot connect to the Hoist daemon at ${host}. Is hoistd running?`, { cause });
}
