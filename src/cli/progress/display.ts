import type { JSONMessage } from '#api/index.ts';
import { Failure } from '../command.ts';
import type { Output } from '../platform.ts';
import { type ProgressDetail, progressText } from './bar.ts';

export interface DisplayOptions {
  readonly output: Output;
  /** Told of what is for the program: digests, IDs. */
  readonly aux?: (value: unknown) => Promise<void> | void;
}

/**
 * Shows a stream of progress: on a terminal a line for each ID, rewritten in place; else every line but the bars.
 *
 * @throws {Failure} with the stream's own error
 */
export async function displayProgress(
  messages: AsyncIterable<JSONMessage>,
  { output, aux }: DisplayOptions,
): Promise<void> {
  const screen = new ProgressScreen({ terminal: output.isTerminal, columns: () => output.columns || 200 });
  for await (const message of messages) {
    if (message.aux !== undefined && message.aux !== null) {
      await aux?.(message.aux);
      continue;
    }
    if (message.errorDetail !== undefined) {
      throw new Failure(
        message.errorDetail.code === 401 ? 'authentication is required' : message.errorDetail.message,
      );
    }
    const text = screen.show(message);
    if (text !== '') await output.write(text);
  }
}

/** Turns messages into text and, on a terminal, the moves between the lines of what is under way. */
export class ProgressScreen {
  readonly #terminal: boolean;
  readonly #columns: () => number;
  readonly #lines = new Map<string, number>();

  constructor(options: { terminal: boolean; columns: () => number }) {
    this.#terminal = options.terminal;
    this.#columns = options.columns;
  }

  show(message: JSONMessage): string {
    const { id = '', progressDetail } = message;
    if (id === '' || (progressDetail === undefined && message.progress === undefined)) {
      // what is no progress ends the block of lines above
      this.#lines.clear();
      return this.#line(message);
    }
    const known = this.#lines.get(id);
    const line = known ?? this.#lines.size;
    this.#lines.set(id, line);
    if (!this.#terminal) return this.#line(message);
    const above = this.#lines.size - line;
    return `${known === undefined ? '\n' : ''}\x1b[${above}A${this.#line(message)}\x1b[${above}B`;
  }

  #line(message: JSONMessage): string {
    const { progressDetail, stream = '', status = '', id = '', from = '' } = message;
    const progress =
      progressDetail === undefined ? '' : progressText(progressDetail as ProgressDetail, this.#columns());
    const inPlace = this.#terminal && stream === '' && progressDetail !== undefined;
    if (!inPlace && progress !== '') return '';
    const title = `${timeOf(message)}${id && `${id}: `}${from && `(from ${from}) `}`;
    // one column stays free, so that no terminal wraps the line
    if (inPlace) return `\x1b[2K\r${`${title}${status} ${progress}`.slice(0, this.#columns() - 1)}\r`;
    if (stream !== '') return title + stream;
    return `${title}${status}\n`;
  }
}

function timeOf({ time, timeNano }: JSONMessage): string {
  const milliseconds = timeNano ? timeNano / 1e6 : time ? time * 1000 : 0;
  return milliseconds === 0 ? '' : `${new Date(milliseconds).toISOString().replace('Z', '000000Z')} `;
}
