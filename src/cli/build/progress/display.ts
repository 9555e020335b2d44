import type { BuildEvent } from '#api/build.ts';
import { Failure } from '../../command.ts';
import type { Output } from '../../platform.ts';
import { BuildModel } from './model.ts';
import { PlainText } from './plain.ts';
import { Screen } from './screen.ts';
import { endText } from './summary.ts';

export type ProgressKind = 'auto' | 'plain' | 'tty' | 'quiet' | 'rawjson';

/** Shows a build as it goes. */
export interface Display {
  readonly model: BuildModel;
  show(event: BuildEvent): Promise<void>;
  /** Shows what stands at the end; then nothing more. */
  close(): Promise<void>;
}

export interface DisplayOptions {
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Every warning with its text, rather than their names. */
  readonly debug: boolean;
  readonly size: () => { readonly rows: number; readonly columns: number } | undefined;
}

/** @throws {Failure} for an unknown kind, or a terminal that is none */
export function openDisplay(kind: string, options: DisplayOptions): Display {
  const { output, env } = options;
  switch (kind) {
    case 'auto':
      return output.isTerminal && env['TERM'] !== 'dumb' ? terminalDisplay(options) : plainDisplay(options);
    case 'plain':
      return plainDisplay(options);
    case 'tty':
      if (!output.isTerminal)
        throw new Failure('ERROR: failed to get console: provided file is not a console');
      return terminalDisplay(options);
    case 'quiet':
    case 'none':
      return silentDisplay(options);
    case 'rawjson':
      return rawDisplay(options);
    default:
      throw new Failure(`ERROR: invalid progress mode ${kind}`);
  }
}

function plainDisplay({ output, debug }: DisplayOptions): Display {
  const model = new BuildModel();
  const text = new PlainText(model, () => Date.now());
  const write = async (shown: string) => void (shown !== '' && (await output.write(shown)));
  return {
    model,
    show: async (event) => {
      model.apply(event);
      await write(text.show(event));
    },
    close: () => write(endText(model, { debug, colour: false })),
  };
}

function rawDisplay({ output }: DisplayOptions): Display {
  const model = new BuildModel();
  return {
    model,
    show: async (event) => {
      model.apply(event);
      await output.write(`${JSON.stringify(event)}\n`);
    },
    close: async () => {},
  };
}

function silentDisplay({ output, debug }: DisplayOptions): Display {
  const model = new BuildModel();
  return {
    model,
    show: async (event) => model.apply(event),
    close: async () => {
      if (model.failure !== undefined) await output.write(endText(model, { debug, colour: false }));
    },
  };
}

/** How often a terminal is painted at most, milliseconds. */
const interval = 100;

function terminalDisplay({ output, env, debug, size }: DisplayOptions): Display {
  const model = new BuildModel();
  const colour = !env['NO_COLOR'];
  const screen = new Screen(model, { colour, size: () => size() ?? { rows: 24, columns: 80 } });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let painting = Promise.resolve();
  const paint = () => {
    timer = setTimeout(paint, interval);
    painting = painting.then(() => output.write(screen.paint(Date.now()))).catch(() => {});
  };
  return {
    model,
    show: async (event) => {
      model.apply(event);
      if (timer === undefined) paint();
    },
    close: async () => {
      clearTimeout(timer);
      await painting;
      await output.write(screen.last(Date.now()) + endText(model, { debug, colour }));
    },
  };
}
