/**
 * Names a place where a crash would leave something half-made, so that a test can crash exactly there.
 *
 * With `HOIST_CRASH_AT=<name>` in the environment the process is killed with SIGKILL on reaching it, as by a power cut:
 * nothing is flushed, no handler runs. In every other process this is one comparison.
 */
export function crashPoint(name: string): void {
  if (crashAt !== undefined && name === crashAt) process.kill(process.pid, 'SIGKILL');
}

const crashAt = process.env['HOIST_CRASH_AT'];
