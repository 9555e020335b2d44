import { EngineError, internal } from '#base/errors.ts';

const ENOSPC = 28;
/** sqlite3.h */
const SQLITE_FULL = 13;

/** Whether an error, of whichever room, says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof EngineError) return error.errno === ENOSPC;
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number };
  return code === 'ENOSPC' || errcode === SQLITE_FULL;
}

export const diskFull = (what: string, cause: unknown): EngineError =>
  internal(`${what}: no space left on device`, { cause });
