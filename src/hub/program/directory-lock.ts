import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict } from '#base/errors.ts';
import { hubPaths } from '../paths.ts';
import { tryLockFile } from '../records/sqlite/file-lock.ts';

/** Makes a Hub's directory this process's own; undefined while another has it. */
export function tryLock(directory: string): Disposable | undefined {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return tryLockFile(hubPaths(directory).lock);
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
