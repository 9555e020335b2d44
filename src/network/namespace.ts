import { networkNamespaceOf } from '#linux/socket-in.ts';

export interface HeldNamespace extends Disposable {
  /** A descriptor of a network namespace, which is there for as long as this is not disposed of. */
  readonly fd: number;
}

/**
 * The network namespace of a container's first process.
 *
 * @param isStill whether the pid is still that process', asked once the namespace is held: by then it may be another's
 * @returns undefined when the process is gone
 */
export async function containerNamespace(
  pid: number,
  isStill: () => Promise<boolean>,
): Promise<HeldNamespace | undefined> {
  using stack = new DisposableStack();
  try {
    const namespace = stack.use(networkNamespaceOf(pid));
    if (!(await isStill())) return undefined;
    stack.move();
    return namespace;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
