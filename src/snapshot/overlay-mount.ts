import { EngineError } from '#base/errors.ts';
import {
  AT_FDCWD,
  type FilesystemOption,
  MOUNT_ATTR,
  MS,
  mount,
  mountDetached,
  mountSetattr,
  openTree,
  unmount,
} from '#linux/index.ts';
import { descriptorPath, withShortPaths } from './short-path.ts';

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
  if (settled !== undefined) return mountBy(settled, stack, mode, staging);
  let first: unknown;
  for (const way of ['fd', 'path', 'mount'] as const) {
    try {
      const fd = mountBy(way, stack, mode, staging);
      settled = way;
      return fd;
    } catch (error) {
      first ??= error;
      if (!isUnknown(error)) break;
    }
  }
  throw first;
}

/** EINVAL: an option that the kernel does not know, told at once or when all are in. EBADF: a mount's descriptor, before 6.13. */
const isUnknown = (error: unknown): boolean =>
  error instanceof EngineError && (error.errno === 22 || error.errno === 9);

/** Merges a stack in one way only. */
export function mountBy(way: Way, stack: Stack, mode: 'ro' | 'rw', staging: string): number {
  const attributes = mode === 'ro' ? MOUNT_ATTR.RDONLY : 0;
  if (way === 'mount')
    return withShortPaths((short) => mountStaged(optionsOf(stack, short), attributes, staging), true);
  return withShortPaths((short) => {
    const { lowers, others } = optionsOf(stack, short);
    const each = lowers.map((lower): FilesystemOption => {
      if (typeof lower === 'string') return ['lowerdir+', lower];
      return ['lowerdir+', way === 'fd' ? lower : descriptorPath(lower)];
    });
    return mountDetached('overlay', [...each, ...others], attributes);
  });
}

interface Options {
  /** Top first, as overlayfs reads them. */
  readonly lowers: readonly (number | string)[];
  readonly others: readonly (string | readonly [key: string, value: string])[];
}

/** Three options are off wherever the kernel's own default may be on. */
function optionsOf({ lowers, upper, volatile }: Stack, short: (path: string) => string): Options {
  const upperOptions = (directory: string, work: string) =>
    [
      ['upperdir', short(directory)],
      ['workdir', short(work)],
      ...(volatile === true ? (['volatile'] as const) : []),
    ] as const;
  return {
    lowers: lowers.toReversed().map((lower) => (typeof lower === 'number' ? lower : short(lower))),
    others: [
      ['redirect_dir', 'nofollow'],
      ['metacopy', 'off'],
      ['index', 'off'],
      ...(upper === undefined ? [] : upperOptions(upper.directory, upper.work)),
    ],
  };
}

/**
 * Mounts in the host's tree, takes a detached copy, unmounts: nothing comes between, since nothing awaits.
 *
 * With every path named by a descriptor, 230 layers fit mount(2)'s 4 KiB and no name needs escapes.
 */
function mountStaged({ lowers, others }: Options, attributes: number, staging: string): number {
  const names = lowers.map((lower) => (typeof lower === 'number' ? descriptorPath(lower) : lower));
  const rest = others.map((option) => (typeof option === 'string' ? option : option.join('=')));
  mount('overlay', staging, 'overlay', MS.SILENT, [`lowerdir=${names.join(':')}`, ...rest].join(','));
  try {
    const fd = openTree(AT_FDCWD, staging, { clone: true });
    if (attributes !== 0) mountSetattr(fd, { set: attributes });
    return fd;
  } finally {
    unmount(staging);
  }
}
