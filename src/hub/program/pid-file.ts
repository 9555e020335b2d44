import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes this process's number; disposing removes the file. Who else serves the directory is the lock's to know. */
export function writePidFile(path: string): Disposable {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
  return {
    [Symbol.dispose]: () => {
      if (readIfThere(path) === `${process.pid}\n`) rmSync(path, { force: true });
    },
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
