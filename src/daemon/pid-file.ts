import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflict } from '#base/errors.ts';

/**
 * Writes this process's number; disposing removes the file.
 *
 * @throws {EngineError} `conflict` while another daemon that wrote it runs
 */
export function writePidFile(path: string): Disposable {
  const other = Number(readIfThere(path));
  if (other > 0 && other !== process.pid && isDaemon(other))
    throw conflict(
      `ensure hoistd is not running or delete ${path}: process with PID ${other} is still running`,
    );
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
  return {
    [Symbol.dispose]: () => {
      if (Number(readIfThere(path)) === process.pid) unlinkSync(path);
    },
  };
}

/** Whether the number is a daemon's, not that of a process that came to have it since. */
const isDaemon = (pid: number): boolean => readIfThere(`/proc/${pid}/cmdline`).includes('daemon/main.ts');

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
