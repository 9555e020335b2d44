import type { Daemon } from '../daemon.ts';

/** A process to be run in a container that runs. */
export interface NewExec {
  readonly User?: string;
  readonly Privileged?: boolean;
  readonly Tty?: boolean;
  /** Rows and columns of the terminal. */
  readonly ConsoleSize?: readonly [number, number];
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly Detach?: boolean;
  readonly DetachKeys?: string;
  readonly Env?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly Cmd: readonly string[];
}

/** Prepares a process in a container. */
export function createExec(
  daemon: Daemon,
  container: string,
  exec: NewExec,
): Promise<{ readonly Id: string }> {
  return daemon.json({
    method: 'POST',
    path: `/containers/${encodeURIComponent(container)}/exec`,
    json: exec,
  });
}
