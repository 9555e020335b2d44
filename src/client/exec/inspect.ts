import type { Daemon } from '../daemon.ts';

export interface ExecState {
  readonly ID: string;
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly Pid: number;
}

/** What has become of a process that was run in a container. */
export function inspectExec(daemon: Daemon, id: string): Promise<ExecState> {
  return daemon.json({ method: 'GET', path: `/exec/${id}/json` });
}
