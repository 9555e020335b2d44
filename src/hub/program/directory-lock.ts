import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict } from '#base/errors.ts';
import { hubPaths } from '../paths.ts';

/**
 * Makes a Hub's directory this process's own; undefined while another has it. The lock is SQLite's on a file of its own: the
 * kernel takes it back when the process ends, however it ends.
 */
export function tryLock(directory: string): Disposable | undefined {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(hubPaths(directory).lock);
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

/** Waits a moment, for other commands have it only while they look. @throws {EngineError} `conflict` */
export async function lockDirectory(directory: string, waitMs = 3000): Promise<Disposable> {
  const until = performance.now() + waitMs;
  for (;;) {
    const lock = tryLock(directory);
    if (lock !== undefined) return lock;
    if (performance.now() > until) throw conflict(`another hoist-hub is at work in ${directory}`);
    await sleep(50);
  }
}
