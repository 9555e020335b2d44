import { closeSync } from 'node:fs';
import { AT_FDCWD, O, openAt } from '#linux/index.ts';

/** fsconfig(2) takes no longer text. */
const longest = 255;

/**
 * Calls with a function that names a file by a path short enough for the kernel's mount options: its own, or that of a
 * descriptor held until the call returns. With `always`, every path is named by a descriptor.
 */
export function withShortPaths<T>(call: (short: (path: string) => string) => T, always = false): T {
  const held: number[] = [];
  const short = (path: string): string => {
    if (!always && Buffer.byteLength(path) <= longest) return path;
    const fd = openAt(AT_FDCWD, path, O.PATH);
    held.push(fd);
    return descriptorPath(fd);
  };
  try {
    return call(short);
  } finally {
    for (const fd of held) closeSync(fd);
  }
}

export const descriptorPath = (fd: number): string => `/proc/self/fd/${fd}`;
