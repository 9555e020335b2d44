import { type FileHandle, readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/**
 * A log's files, oldest first: `log.2`, `log.1`, `log`. At rotation each takes the next higher number.
 */
export async function logFiles(path: string): Promise<string[]> {
  const base = basename(path);
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const numbers = names
    .filter((name) => name.startsWith(`${base}.`))
    .map((name) => Number(name.slice(base.length + 1)))
    .filter((number) => Number.isInteger(number) && number > 0)
    .sort((a, b) => b - a);
  const rotated = numbers.map((number) => `${path}.${number}`);
  return names.includes(base) ? [...rotated, path] : rotated;
}

/** A file and the inode it had when it was looked at: a rotation may have given the name to another since. */
export interface SeenFile {
  readonly path: string;
  readonly inode: number;
}

/**
 * The file that output went on in after `current` was full.
 *
 * @returns undefined while that is still the newest; the oldest file when it has been rotated away altogether
 */
export async function nextFile(path: string, current: FileHandle): Promise<SeenFile | undefined> {
  const { ino } = await current.stat();
  while (true) {
    const files = await seenFiles(path);
    const at = files.findIndex(({ inode }) => inode === ino);
    if (at >= 0) return files[at + 1];
    if ((await current.stat()).nlink === 0) return files[0];
    // A rotation came between listing and looking: look again.
  }
}

async function seenFiles(path: string): Promise<SeenFile[]> {
  const files = await logFiles(path);
  const seen = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ ino }) => ({ path: file, inode: ino }),
        () => undefined,
      ),
    ),
  );
  return seen.filter((file) => file !== undefined);
}
