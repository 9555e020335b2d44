/** What went wrong, in terms a caller can act on. The set is closed: every edge has a row for each. */
export type ErrorKind =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'unsupported'
  | 'unavailable'
  | 'cancelled'
  | 'internal';

/**
 * The one error type that rooms throw. Edges translate the kind (HTTP status, exit code); nothing below an edge does.
 *
 * `errno` and `syscall` are set when a system call failed, so that a caller may tell ENOENT from EBUSY.
 */
export class EngineError extends Error {
  readonly kind: ErrorKind;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { cause?: unknown; errno?: number; syscall?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.kind = kind;
    this.errno = options.errno;
    this.syscall = options.syscall;
  }
}

type Options = { cause?: unknown };

export const invalid = (message: string, options?: Options) => new EngineError('invalid', message, options);
export const unauthorized = (message: string, options?: Options) =>
  new EngineError('unauthorized', message, options);
export const forbidden = (message: string, options?: Options) =>
  new EngineError('forbidden', message, options);
export const conflict = (message: string, options?: Options) => new EngineError('conflict', message, options);
export const unsupported = (message: string, options?: Options) =>
  new EngineError('unsupported', message, options);
export const unavailable = (message: string, options?: Options) =>
  new EngineError('unavailable', message, options);
export const cancelled = (message: string, options?: Options) =>
  new EngineError('cancelled', message, options);
export const internal = (message: string, options?: Options) => new EngineError('internal', message, options);

/** Docker's own wording: `No such container: web`. */
export const notFound = (what: string, name: string, options?: Options) =>
  new EngineError('notFound', `No such ${what}: ${name}`, options);

/** The kind of any thrown value: what is not an EngineError is `internal`, an abort is `cancelled`. */
export function kindOf(error: unknown): ErrorKind {
  if (error instanceof EngineError) return error.kind;
  return error instanceof Error && error.name === 'AbortError' ? 'cancelled' : 'internal';
}

/** The message of any thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
