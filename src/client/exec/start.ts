import { type AttachStream, openStream } from '../attach-stream.ts';
import type { Daemon } from '../daemon.ts';

export interface ExecStart {
  readonly Tty: boolean;
  readonly ConsoleSize?: readonly [number, number];
}

/** Starts a prepared process and joins its streams. */
export function attachExec(daemon: Daemon, id: string, start: ExecStart): Promise<AttachStream> {
  const json = { Detach: false, ...start };
  return openStream(daemon, { method: 'POST', path: `/exec/${id}/start`, json }, { tty: start.Tty });
}

/** Starts a prepared process and leaves it to itself. */
export async function startExec(daemon: Daemon, id: string, start: ExecStart): Promise<void> {
  await daemon.run({ method: 'POST', path: `/exec/${id}/start`, json: { Detach: true, ...start } });
}
