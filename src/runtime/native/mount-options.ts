import { MOUNT_ATTR, MS } from '#linux/mount.ts';
import { MOUNTFLAG } from '../protocol.ts';

/** mount(8)'s words, sorted by who wants them. */
export interface MountOptions {
  readonly set: number;
  readonly clear: number;
  readonly propagation: number;
  /** Of MOUNTFLAG. */
  readonly flags: number;
  /** For the file system itself: `size=64m`. */
  readonly data: readonly string[];
}

const { RDONLY, NOSUID, NODEV, NOEXEC, NOATIME, STRICTATIME, ATIME, NODIRATIME, NOSYMFOLLOW } = MOUNT_ATTR;

/** What each word sets and clears of a mount's attributes. @see OCI runtime-spec, config.md § Linux mount options */
const attributes: Readonly<Record<string, readonly [set: number, clear: number]>> = {
  ro: [RDONLY, 0],
  rw: [0, RDONLY],
  nosuid: [NOSUID, 0],
  suid: [0, NOSUID],
  nodev: [NODEV, 0],
  dev: [0, NODEV],
  noexec: [NOEXEC, 0],
  exec: [0, NOEXEC],
  noatime: [NOATIME, ATIME],
  atime: [0, ATIME],
  relatime: [0, ATIME],
  norelatime: [0, ATIME],
  strictatime: [STRICTATIME, ATIME],
  nostrictatime: [0, ATIME],
  nodiratime: [NODIRATIME, 0],
  diratime: [0, NODIRATIME],
  nosymfollow: [NOSYMFOLLOW, 0],
  symfollow: [0, NOSYMFOLLOW],
};

const propagations: Readonly<Record<string, number>> = {
  private: MS.PRIVATE,
  shared: MS.SHARED,
  slave: MS.SLAVE,
  unbindable: MS.UNBINDABLE,
};

const ignored = new Set(['defaults', 'bind', 'async', 'loud', 'nomand', 'noiversion', 'nolazytime']);

/** Sorts the words; of contradicting ones the last counts. A leading `r` makes it so for the mounts beneath as well. */
export function mountOptions(words: readonly string[]): MountOptions {
  let [set, clear, propagation, flags] = [0, 0, 0, 0];
  const data: string[] = [];
  for (const word of words) {
    const recursive = word.startsWith('r') ? word.slice(1) : undefined;
    const own = attributes[word] ?? (recursive === undefined ? undefined : attributes[recursive]);
    const spread = propagations[word] ?? (recursive === undefined ? undefined : propagations[recursive]);
    if (own !== undefined) {
      set = (set & ~own[1]) | own[0];
      clear = (clear & ~own[0]) | own[1];
      if (!(word in attributes)) flags |= MOUNTFLAG.RECURSIVE_ATTRIBUTES;
    } else if (spread !== undefined) {
      propagation = spread;
      if (!(word in propagations)) flags |= MOUNTFLAG.RECURSIVE_PROPAGATION;
    } else if (word === 'rbind') flags |= MOUNTFLAG.RECURSIVE;
    else if (!ignored.has(word)) data.push(word);
  }
  return { set, clear, propagation, flags, data };
}
