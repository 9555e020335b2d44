import { type AttachStream, openStream } from '../attach-stream.ts';
import type { Daemon } from '../daemon.ts';

export interface AttachOptions {
  /** Whether the container has a terminal. */
  readonly tty: boolean;
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** Also what was written before. */
  readonly logs?: boolean;
  readonly detachKeys?: string;
}

/** Joins the streams of a container's main process: before its start nothing is missed. */
export function attachContainer(
  daemon: Daemon,
  id: string,
  { tty, ...options }: AttachOptions,
): Promise<AttachStream> {
  const path = `/containers/${encodeURIComponent(id)}/attach`;
  return openStream(daemon, { method: 'POST', path, query: { stream: true, ...options } }, { tty });
}
