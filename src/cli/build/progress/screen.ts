import { type BuildModel, counts, type Step } from './model.ts';
import { imageLines, seconds, transfers } from './plain.ts';

export interface ScreenOptions {
  readonly colour: boolean;
  readonly size: () => { readonly rows: number; readonly columns: number };
}

/** Lines of its output that a running step shows. */
const shownLogs = 6;

/** A line of the picture: at most one terminal line, with what stands at its right end. */
interface Line {
  readonly left: string;
  readonly right?: string;
  readonly colour?: 'blue' | 'red' | 'yellow';
}

const codes = { blue: 34, red: 31, yellow: 33 };

/**
 * A build as a picture on a terminal, painted over again and again:
 *
 *     [+] Building 3.2s (7/12)
 *      => CACHED [build 1/5] FROM docker.io/library/gcc    0.0s
 *      => [build 2/5] RUN make                             1.2s
 *      => => not cached: file src/a.c changed
 */
export class Screen {
  readonly #model: BuildModel;
  readonly #options: ScreenOptions;
  /** How many lines the picture on the terminal has. */
  #height = 0;

  constructor(model: BuildModel, options: ScreenOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** The picture at a moment, over the last one: what fits of it. The cursor is hidden until `last`. */
  paint(now: number): string {
    const { rows } = this.#options.size();
    return `\x1b[?25l${this.#over(this.#fit(this.#lines(now), rows - 1))}`;
  }

  /** The whole picture, and the cursor again. */
  last(now: number): string {
    return `${this.#over(this.#lines(now))}\x1b[?25h`;
  }

  #over(lines: readonly Line[]): string {
    const up = this.#height === 0 ? '' : `\x1b[${this.#height}A`;
    const left = Math.max(0, this.#height - lines.length);
    this.#height = Math.max(lines.length, this.#height);
    const text = lines.map((line) => `\r${this.#text(line)}\x1b[K\n`).join('');
    const cleared = '\r\x1b[K\n'.repeat(left);
    if (left > 0) this.#height = lines.length;
    return `${up}${text}${cleared}${left > 0 ? `\x1b[${left}A` : ''}`;
  }

  #text({ left, right = '', colour }: Line): string {
    // one column stays free, so that no terminal wraps the line
    const width = Math.max(10, this.#options.size().columns - 1);
    const room = right === '' ? width : width - right.length - 1;
    const shown = cutTo(left, room);
    const text =
      right === ''
        ? shown
        : `${shown}${' '.repeat(Math.max(1, width - widthOf(shown) - right.length))}${right}`;
    return colour === undefined || !this.#options.colour ? text : `\x1b[${codes[colour]}m${text}\x1b[0m`;
  }

  /** What has ended leaves first; the headline stays. */
  #fit(lines: readonly Line[], rows: number): readonly Line[] {
    return lines.length <= rows ? lines : [lines[0]!, ...lines.slice(lines.length - Math.max(1, rows - 1))];
  }

  #lines(now: number): readonly Line[] {
    const model = this.#model;
    const { ended, all } = counts(model);
    const finished = model.outcome !== 'running';
    const time = seconds((model.finishedAt ?? now) - (model.startedAt ?? now));
    const head = `[+] Building ${time} (${ended}/${all})${finished && model.outcome === 'done' ? ' FINISHED' : ''}`;
    const done = model.begun.flatMap((step) => stepLines(step, now));
    const image =
      model.image === undefined || model.outcome === 'failed'
        ? []
        : [
            { left: ' => exporting to image', colour: 'blue' as const },
            ...imageLines({ id: model.image, names: model.names }).map((each) => ({
              left: ` => => ${each}`,
              colour: 'blue' as const,
            })),
          ];
    return [{ left: head }, ...done, ...image];
  }
}

function stepLines(step: Step, now: number): readonly Line[] {
  const running = step.outcome === 'running';
  const mark = { cached: 'CACHED ', failed: 'ERROR ', cancelled: 'CANCELED ' }[step.outcome as string] ?? '';
  const colour = colourOf(step);
  const time = running ? now - step.startedAt : step.milliseconds;
  const lines: Line[] = [{ left: ` => ${mark}${step.vertex.name}`, right: seconds(time), ...colour }];
  const below = (text: string) => lines.push({ left: ` => => ${text}`, ...colour });
  for (const each of transfers(step)) below(each);
  if (step.reason !== undefined) below(`not cached: ${step.reason}`);
  if (running) for (const line of step.logs.last(shownLogs)) below(`# ${line}`);
  return lines;
}

function colourOf({ outcome }: Step): Pick<Line, 'colour'> {
  if (outcome === 'failed') return { colour: 'red' };
  if (outcome === 'cancelled') return { colour: 'yellow' };
  return outcome === 'running' || outcome === 'waiting' ? {} : { colour: 'blue' };
}

/** Columns that a text takes: East Asian wide letters and pictures take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += isWide(letter.codePointAt(0)!) ? 2 : 1;
  return width;
}

const isWide = (code: number): boolean =>
  code >= 0x1100 &&
  (code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd));

/** Cuts a text to so many columns, the last being an ellipsis. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let shown = '';
  for (const letter of text) {
    width += widthOf(letter);
    if (width > columns - 1) break;
    shown += letter;
  }
  return `${shown}…`;
}
