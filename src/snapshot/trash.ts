import { closeSync, mkdirSync, readdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { newId } from '#base/id.ts';
import type { Log } from '#base/log.ts';
import { AT_FDCWD, nr, O, openAt, renameAt, sys, sysAsync, systemError, terminated } from '#linux/index.ts';

const EISDIR = 21;
const ENOTEMPTY = 39;
const ENOENT = 2;
const AT_REMOVEDIR = 0x200;

/**
 * Where what was removed waits to be freed: a rename answers at once, the bytes go in the background.
 *
 * Trees are hostile: names of any bytes, depths past any limit. So nothing is walked down: a directory's directories are
 * moved up into the trash, until each there is flat.
 */
export class Trash {
  readonly #path: string;
  readonly #log: Log;
  #running: Promise<void> = Promise.resolve();
  #closed = false;
  /** What could not be freed: tried again at the next start. */
  readonly #stuck = new Set<string>();

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** Takes a file or directory away. @returns whether it was there */
  async take(path: string): Promise<boolean> {
    try {
      await rename(path, join(this.#path, newId()));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.empty();
    return true;
  }

  /** Frees what is there, in the background. */
  empty(): void {
    this.#running = this.#running
      .then(() => this.#emptied())
      .catch((error: unknown) => {
        this.#log.warn('cannot free what was removed', { path: this.#path, error });
      });
  }

  /** Resolves when all that was taken is freed. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Ends the background work; what is left is freed at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #emptied(): Promise<void> {
    const trash = openAt(AT_FDCWD, this.#path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    try {
      for (let names = this.#freeable(trash); names.length > 0; names = this.#freeable(trash))
        for (const name of names) await this.#free(trash, name);
    } finally {
      closeSync(trash);
    }
  }

  #freeable(trash: number): Buffer[] {
    return this.#closed ? [] : namesIn(trash).filter((name) => !this.#stuck.has(name.toString()));
  }

  async #free(trash: number, name: Buffer): Promise<void> {
    if (this.#closed) return;
    try {
      await free(trash, name);
    } catch (error) {
      this.#stuck.add(name.toString());
      this.#log.warn('cannot free what was removed', { path: join(this.#path, name.toString()), error });
    }
  }
}

async function free(trash: number, name: Buffer): Promise<void> {
  const result = await sysAsync(nr.unlinkat, trash, terminated(name), 0);
  if (result >= 0 || result === -ENOENT) return;
  if (result !== -EISDIR) throw systemError('unlinkat', -result);
  const directory = openAt(trash, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  try {
    await emptyDirectory(directory, trash);
  } finally {
    closeSync(directory);
  }
  const removed = await sysAsync(nr.unlinkat, trash, terminated(name), AT_REMOVEDIR);
  if (removed < 0 && removed !== -ENOENT && removed !== -ENOTEMPTY) throw systemError('unlinkat', -removed);
}

/** Unlinks the files and the empty directories, and moves the other directories up. */
async function emptyDirectory(directory: number, trash: number): Promise<void> {
  let since = performance.now();
  for (const name of namesIn(directory)) {
    if (!removes(directory, name)) renameAt(directory, name, trash, newId());
    if (performance.now() - since < 5) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** @returns false for a directory that holds something */
function removes(directory: number, name: Buffer): boolean {
  const path = terminated(name);
  let result = sys(nr.unlinkat, directory, path, 0);
  if (result === -EISDIR) result = sys(nr.unlinkat, directory, path, AT_REMOVEDIR);
  if (result < 0 && result !== -ENOENT && result !== -ENOTEMPTY) throw systemError('unlinkat', -result);
  return result !== -ENOTEMPTY;
}

const namesIn = (directory: number): Buffer[] =>
  readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' });
