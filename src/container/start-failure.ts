import { messageOf } from '#base/errors.ts';

/** Exit codes of a program that could not be run, as shells have them, and Docker's for all else. */
const notFoundCode = 127;
const notExecutableCode = 126;
const otherCode = 128;

/** The exit code that a container shows whose start failed, read from the runtime's words as Docker's clients do. */
export const startExitCode = (error: unknown): number => programExitCode(messageOf(error)) ?? otherCode;

/** The same of an exec; undefined when neither its program, its folder nor its user was at fault. */
export function execExitCode(error: unknown): number | undefined {
  const message = messageOf(error);
  const isOther = /no matching entries in|chdir to cwd/.test(message);
  return programExitCode(message) ?? (isOther ? notExecutableCode : undefined);
}

function programExitCode(message: string): number | undefined {
  if (!/exec: |exec format error/.test(message)) return undefined;
  if (/executable file not found|no such file or directory/.test(message)) return notFoundCode;
  if (/permission denied|is a directory|not a directory|exec format error/.test(message))
    return notExecutableCode;
  return undefined;
}
