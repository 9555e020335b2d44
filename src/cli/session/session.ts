import type { AttachStream, OutputPiece } from '#client/attach-stream.ts';
import type { Cli } from '../command.ts';
import * as platform from '../platform.ts';
import { DetachKeys, parseDetachKeys } from './detach-keys.ts';

export interface SessionOptions {
  /** Pass our standard input on. */
  readonly stdin: boolean;
  /** The process has a terminal: keys go through as they are typed. */
  readonly tty: boolean;
  /** Undefined: Docker's own. */
  readonly detachKeys: string | undefined;
}

/**
 * Joins our streams with a process's until its output ends or the detach keys are typed.
 *
 * The end of our input ends the process's, and no more: output goes on.
 */
export async function runSession(
  cli: Cli,
  stream: AttachStream,
  options: SessionOptions,
): Promise<'ended' | 'detached'> {
  using _terminal =
    options.tty && options.stdin && platform.stdin.isTerminal ? platform.rawTerminal() : undefined;
  const output = printOutput(cli, stream.output).then(() => 'ended' as const);
  // awaited here: the terminal is given back when this function ends
  if (!options.stdin) return await output;
  const detached = new Promise<'detached'>((resolve, reject) => {
    passInput(stream, options).then((detached) => detached && resolve('detached'), reject);
  });
  return await Promise.race([output, detached]).finally(() => stream.close());
}

/** Writes what a process wrote to our own streams. */
export async function printOutput(cli: Cli, output: AsyncIterable<OutputPiece>): Promise<void> {
  for await (const { stream, bytes } of output) await (stream === 'stderr' ? cli.err(bytes) : cli.out(bytes));
}

/** Whether the input ended by the detach keys. */
async function passInput(stream: AttachStream, options: SessionOptions): Promise<boolean> {
  const keys = options.tty ? new DetachKeys(parseDetachKeys(options.detachKeys)) : undefined;
  for await (const bytes of platform.stdin.read()) {
    const { through, detached } = keys?.push(bytes) ?? { through: bytes, detached: false };
    try {
      if (through.length > 0) await stream.write(through);
    } catch {
      // the process is gone: its output tells the end
      return false;
    }
    if (detached) return true;
  }
  stream.endInput();
  return false;
}

/**
 * Keeps a remote terminal as large as ours: now, and whenever ours changes.
 *
 * @param redraw makes it another size for a moment: the program there then shows itself again to who comes later
 */
export function followSize(
  resize: (size: { h: number; w: number }) => Promise<void>,
  { redraw = false } = {},
): Disposable {
  const send = (more = 0) => {
    const size = platform.terminalSize();
    if (size === undefined) return Promise.resolve();
    return resize({ h: size.rows + more, w: size.columns + more }).catch(() => {});
  };
  void (redraw ? send(1).then(() => send()) : send());
  return platform.onSignals(['SIGWINCH'], () => void send());
}
