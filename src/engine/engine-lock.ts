import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflict } from '#base/errors.ts';
import { tryLock } from '#linux/index.ts';

/**
 * Takes a data root for this process. The kernel gives it back when the process ends, however it ends.
 *
 * @throws {EngineError} `conflict` when another engine has it, naming its process
 */
export function lockDataRoot(path: string): Disposable {
  mkdirSync(dirname(path), { recursive: true, mode: 0o710 });
  const fd = openSync(path, 'a+', 0o600);
  if (tryLock(fd, 'exclusive') === 'busy') {
    closeSync(fd);
    throw conflict(`${dirname(path)} is already in use by another hoistd (pid ${holder(path)})`);
  }
  ftruncateSync(fd, 0);
  writeSync(fd, `${process.pid}\n`);
  let held = true;
  return {
    [Symbol.dispose]: () => {
      if (held) closeSync(fd);
      held = false;
    },
  };
}

const holder = (path: string): string => readFileSync(path, 'utf8').trim() || 'unknown';
