import { DatabaseSync } from 'node:sqlite';

/**
 * Locks a file of its own, that is made when it is not there; undefined while another process has it. The lock is SQLite's: the
 * kernel takes it back when the process ends, however it ends.
 */
export function tryLockFile(path: string): Disposable | undefined {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    // 5: SQLITE_BUSY
    if (((error as { errcode?: number }).errcode ?? 0) % 256 !== 5) throw error;
    return undefined;
  }
  let isOpen = true;
  return {
    [Symbol.dispose]: () => {
      if (isOpen) lock.close();
      isOpen = false;
    },
  };
}
