import { FrameDecoder } from '#api/multiplex.ts';
import type { Call } from './call.ts';
import type { Daemon } from './daemon.ts';

/** One write of a container's, or what a read got of it. */
export interface OutputPiece {
  readonly stream: 'stdin' | 'stdout' | 'stderr' | 'system';
  readonly bytes: Uint8Array;
}

/** The two-way stream of attach and exec: its output taken apart, its input half closed on its own. */
export interface AttachStream {
  /** With a terminal everything is `stdout`. */
  readonly output: AsyncIterable<OutputPiece>;
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the process's standard input; its output goes on. */
  endInput(): void;
  close(): void;
}

/**
 * Performs a call that turns its connection into a stream. `tty` tells whether the process has a terminal, and so
 * one stream without frames: before API 1.42 the answer doesn't.
 */
export async function openStream(
  daemon: Daemon,
  call: Call,
  { tty }: { tty: boolean },
): Promise<AttachStream> {
  const headers = { ...call.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
  const answer = await daemon.call({ ...call, headers });
  const connection = answer.hijack();
  async function* received(): AsyncGenerator<Uint8Array, void, void> {
    for (let bytes = await connection.read(); bytes !== undefined; bytes = await connection.read())
      yield bytes;
  }
  return {
    output: tty ? rawOutput(received()) : framedOutput(received()),
    write: (bytes) => connection.write(bytes),
    endInput: () => connection.endWriting(),
    close: () => connection.close(),
  };
}

/** Takes frames apart. */
export async function* framedOutput(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<OutputPiece, void, void> {
  const decoder = new FrameDecoder();
  for await (const chunk of bytes) yield* decoder.push(chunk);
}

/** Bytes that are a terminal's, as pieces of `stdout`. */
export async function* rawOutput(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece, void, void> {
  for await (const chunk of bytes) yield { stream: 'stdout', bytes: chunk };
}
