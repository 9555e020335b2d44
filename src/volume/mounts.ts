import { readFileSync } from 'node:fs';
import { EngineError, messageOf } from '#base/errors.ts';
import { MS, mount, unmount } from '#linux/mount.ts';
import type { LocalOptions } from './local-options.ts';

/** Words of the `o` option that are flags of mount(2); all others go to the file system. */
const flags: Readonly<Record<string, number>> = {
  ro: MS.RDONLY,
  nosuid: MS.NOSUID,
  nodev: MS.NODEV,
  noexec: MS.NOEXEC,
  sync: MS.SYNCHRONOUS,
  remount: MS.REMOUNT,
  noatime: MS.NOATIME,
  nodiratime: MS.NODIRATIME,
  bind: MS.BIND,
  rbind: MS.BIND | MS.REC,
  relatime: MS.RELATIME,
  strictatime: MS.STRICTATIME,
  private: MS.PRIVATE,
  rprivate: MS.PRIVATE | MS.REC,
  shared: MS.SHARED,
  rshared: MS.SHARED | MS.REC,
  slave: MS.SLAVE,
  rslave: MS.SLAVE | MS.REC,
};

/** Mounts what a volume's options name on its folder, once; with no options the folder is all. */
export function mountLocal(folder: string, options: LocalOptions): void {
  if (options.device === undefined || isMounted(folder)) return;
  const words = (options.o ?? '').split(',').filter((word) => word !== '' && word !== 'rw');
  const number = words.reduce((sum, word) => sum | (flags[word] ?? 0), 0);
  const data = words.filter((word) => !(word in flags)).join(',');
  try {
    mount(options.device, folder, options.type ?? null, number, data);
  } catch (cause) {
    const what = `failed to mount local volume: mount ${options.device}:${folder}, data: ${data}`;
    throw new EngineError('internal', `${what}: ${messageOf(cause)}`, { cause });
  }
}

/** Undoes it; fine when nothing is mounted. */
export function unmountLocal(folder: string): void {
  if (isMounted(folder)) unmount(folder);
}

/** @see proc_pid_mountinfo(5): the fifth field, with spaces and the like as octal */
function isMounted(folder: string): boolean {
  const written = folder.replace(/[ \t\n\\]/g, (character) => `\\0${character.charCodeAt(0).toString(8)}`);
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ', 5)[4] === written);
}
