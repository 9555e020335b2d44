import { EngineError } from '#base/errors.ts';
import { type FilesystemOption, mountDetached } from '#linux/index.ts';

/** What overlayfs merges. A lower layer is a directory or the descriptor of a mount; the bottom one first. */
export interface Stack {
  readonly lowers: readonly (number | string)[];
  readonly upper?: { readonly directory: string; readonly work: string };
  /** Leaves out every sync of the upper layer: for what a crash may lose. */
  readonly volatile?: boolean;
}

/** How lower layers are told to the kernel, newest way first; each machine settles on the first that it takes. */
type Way = 'fd' | 'append' | 'list';

let settled: Way | undefined;

/**
 * Merges a stack into a detached mount.
 *
 * Redirects, metadata-only copies and the inode index are off: what a container leaves in its upper layer is then whole
 * files and whiteouts, and a hostile layer cannot point outside of itself.
 */
export function mountOverlay(stack: Stack, attributes = 0): number {
  const ways: readonly Way[] = settled === undefined ? ['fd', 'append', 'list'] : [settled];
  for (const way of ways) {
    try {
      const fd = mountDetached('overlay', optionsOf(stack, way), attributes);
      settled = way;
      return fd;
    } catch (error) {
      const unknown = error instanceof EngineError && error.errno === 22 && /lowerdir/.test(error.message);
      if (!unknown || way === ways.at(-1)) throw error;
    }
  }
  throw new EngineError('internal', 'no way to name lower layers');
}

function optionsOf(stack: Stack, way: Way): FilesystemOption[] {
  const { upper } = stack;
  return [
    ...lowerOptions(stack.lowers.toReversed(), way),
    ['redirect_dir', 'nofollow'],
    ['metacopy', 'off'],
    ['index', 'off'],
    ...(upper === undefined
      ? []
      : [['upperdir', upper.directory] as const, ['workdir', upper.work] as const]),
    ...(upper !== undefined && stack.volatile === true ? ['volatile'] : []),
  ];
}

function lowerOptions(topFirst: readonly (number | string)[], way: Way): FilesystemOption[] {
  if (way === 'fd') return topFirst.map((lower) => ['lowerdir+', lower]);
  if (way === 'append') return topFirst.map((lower) => ['lowerdir+', pathOf(lower)]);
  return [['lowerdir', topFirst.map((lower) => pathOf(lower).replace(/[\\:,]/g, '\\$&')).join(':')]];
}

const pathOf = (lower: number | string): string =>
  typeof lower === 'number' ? `/proc/self/fd/${lower}` : lower;
