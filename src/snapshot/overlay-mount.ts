import { closeSync } from 'node:fs';
import { EngineError } from '#base/errors.ts';
import {
  AT_FDCWD,
  type FilesystemOption,
  MOUNT_ATTR,
  MS,
  mount,
  mountDetached,
  mountSetattr,
  O,
  openAt,
  openTree,
  unmount,
} from '#linux/index.ts';

/** What overlayfs merges. A lower layer is a directory or the descriptor of a mount; the bottom one first. */
export interface Stack {
  readonly lowers: readonly (number | string)[];
  readonly upper?: { readonly directory: string; readonly work: string };
  /** Leaves out every sync of the upper layer: for what a crash may lose. */
  readonly volatile?: boolean;
}

/**
 * How the kernel is told of lower layers, the way of newer kernels first: as descriptors (6.13), as paths one by one
 * (6.8), or by mount(2), whose one string of options is long enough where fsconfig's 255 bytes are not.
 */
export type Way = 'fd' | 'path' | 'mount';

/** The first way that this machine's kernel took. */
let settled: Way | undefined;

/**
 * Merges a stack into a detached mount.
 *
 * Redirects, metadata-only copies and the inode index are off: what a container leaves in its upper layer is then whole
 * files and whiteouts, and a hostile layer cannot point outside of itself.
 *
 * @param staging a directory where the merged tree is mounted for a moment on kernels before 6.8
 */
export function mountOverlay(stack: Stack, mode: 'ro' | 'rw', staging: string): number {
  const ways: readonly Way[] = settled === undefined ? ['fd', 'path', 'mount'] : [settled];
  for (const way of ways) {
    try {
      const fd = mountBy(way, stack, mode, staging);
      settled = way;
      return fd;
    } catch (error) {
      const unknown =
        error instanceof EngineError && error.errno === EINVAL && /lowerdir\+/.test(error.message);
      if (!unknown || way === ways.at(-1)) throw error;
    }
  }
  throw new EngineError('internal', 'no way to name lower layers');
}

const EINVAL = 22;

/** Merges a stack in one way only. */
export function mountBy(way: Way, stack: Stack, mode: 'ro' | 'rw', staging: string): number {
  if (way === 'mount') return mountStaged(stack, mode, staging);
  const lowers = stack.lowers.toReversed().map((lower): FilesystemOption => {
    const fd = typeof lower === 'number' && way === 'fd';
    return ['lowerdir+', fd ? lower : pathOf(lower)];
  });
  return mountDetached('overlay', [...lowers, ...otherOptions(stack)], mode === 'ro' ? MOUNT_ATTR.RDONLY : 0);
}

/** Options after the lower layers; these three are off wherever the kernel's own default may be on. */
function otherOptions({ upper, volatile }: Stack): FilesystemOption[] {
  return [
    ['redirect_dir', 'nofollow'],
    ['metacopy', 'off'],
    ['index', 'off'],
    ...(upper === undefined
      ? []
      : [['upperdir', upper.directory] as const, ['workdir', upper.work] as const]),
    ...(upper !== undefined && volatile === true ? ['volatile'] : []),
  ];
}

/**
 * Mounts in the host's tree, takes a detached copy, unmounts: nothing comes between, since nothing awaits.
 *
 * Every path is named by a descriptor, so that 230 layers fit mount(2)'s 4 KiB and no name needs escapes.
 */
function mountStaged(stack: Stack, mode: 'ro' | 'rw', staging: string): number {
  const held: number[] = [];
  const short = (path: string): string => {
    const fd = openAt(AT_FDCWD, path, O.PATH | O.DIRECTORY);
    held.push(fd);
    return pathOf(fd);
  };
  try {
    const lowers = stack.lowers
      .toReversed()
      .map((lower) => (typeof lower === 'number' ? pathOf(lower) : short(lower)));
    const options = otherOptions(stack).map((option) => {
      if (typeof option === 'string') return option;
      return `${option[0]}=${option[0] === 'upperdir' || option[0] === 'workdir' ? short(String(option[1])) : option[1]}`;
    });
    mount('overlay', staging, 'overlay', MS.SILENT, [`lowerdir=${lowers.join(':')}`, ...options].join(','));
    try {
      const fd = openTree(AT_FDCWD, staging, { clone: true });
      if (mode === 'ro') mountSetattr(fd, { set: MOUNT_ATTR.RDONLY });
      return fd;
    } finally {
      unmount(staging);
    }
  } finally {
    for (const fd of held) closeSync(fd);
  }
}

const pathOf = (lower: number | string): string =>
  typeof lower === 'number' ? `/proc/self/fd/${lower}` : lower;
