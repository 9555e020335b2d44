import { EngineError, messageOf } from '#base/errors.ts';

/** Exit codes of a program that could not be run, as shells have them, and Docker's for all else. */
const notFoundCode = 127;
const notExecutableCode = 126;
const otherCode = 128;

const startPrefix =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: ';
const execPrefix = 'OCI runtime exec failed: exec failed: ';

/**
 * What a failed start means: its exit code, and the error in Docker's words. A program that is not there or cannot be
 * executed is the request's fault (`invalid`).
 */
export function startFailure(error: unknown): { readonly exitCode: number; readonly error: unknown } {
  const message = messageOf(error);
  const exitCode = programExitCode(message);
  if (exitCode === undefined) return { exitCode: otherCode, error };
  const text = `${startPrefix}unable to start container process: error during container init: ${message}: unknown`;
  return { exitCode, error: new EngineError('invalid', text, { cause: error }) };
}

/** The same of an exec; no exit code when it is not the program's fault. */
export function execFailure(error: unknown): {
  readonly exitCode: number | undefined;
  readonly error: unknown;
} {
  const message = messageOf(error);
  const exitCode = programExitCode(message);
  if (exitCode === undefined && !/no matching entries in|chdir to cwd/.test(message))
    return { exitCode, error };
  const text = `${execPrefix}unable to start container process: ${message}: unknown`;
  return {
    exitCode: exitCode ?? notExecutableCode,
    error: new EngineError('invalid', text, { cause: error }),
  };
}

function programExitCode(message: string): number | undefined {
  if (!/exec: |exec format error/.test(message)) return undefined;
  if (/executable file not found|no such file or directory/.test(message)) return notFoundCode;
  if (/permission denied|is a directory|not a directory|exec format error/.test(message))
    return notExecutableCode;
  return undefined;
}
