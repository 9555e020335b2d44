import { framedOutput, type OutputPiece, rawOutput } from '../attach-stream.ts';
import type { Daemon } from '../daemon.ts';

export interface LogOptions {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly details?: boolean;
  /** A number of lines, or `all`. */
  readonly tail?: string;
  /** Seconds since 1970 with a fraction. */
  readonly since?: string;
  readonly until?: string;
}

/** What a container has written. `tty` tells whether it has a terminal: its logs then know one stream. */
export async function containerLogs(
  daemon: Daemon,
  id: string,
  { tty, ...query }: LogOptions & { tty: boolean },
): Promise<AsyncIterable<OutputPiece>> {
  const answer = await daemon.call({
    method: 'GET',
    path: `/containers/${encodeURIComponent(id)}/logs`,
    query,
  });
  return tty ? rawOutput(answer.body) : framedOutput(answer.body);
}
