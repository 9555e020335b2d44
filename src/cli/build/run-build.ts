import type { BuildEvent, BuildRequest } from '#api/build.ts';
import { build, buildOutput } from '#client/build/build.ts';
import { cancelBuild } from '#client/build/cancel.ts';
import type { Daemon } from '#client/daemon.ts';
import { type Cli, Failure } from '../command.ts';
import * as platform from '../platform.ts';
import type { Transfer } from './context/sources.ts';
import type { Output } from './outputs.ts';
import type { Display } from './progress/display.ts';

/** Steps that happen here, before the daemon's: their numbers are below its own. */
export class LocalSteps {
  readonly #show: (event: BuildEvent) => Promise<void>;
  #last = -1;

  constructor(display: Display) {
    this.#show = (event) => display.show(event);
  }

  transfer(name: string): Transfer {
    this.#last -= 1;
    const id = this.#last;
    let begun = 0;
    const at = (time: number) => new Date(time).toISOString();
    return {
      begin: async () => {
        begun = Date.now();
        await this.#show({ kind: 'graph', vertices: [{ id, name, inputs: [] }] });
        await this.#show({ kind: 'begin', id, at: at(begun) });
      },
      tell: (what, current) =>
        void this.#show({ kind: 'progress', id, what, ...(current !== undefined && { current }) }),
      end: () => {
        const now = Date.now();
        return this.#show({ kind: 'end', id, at: at(now), outcome: 'done', milliseconds: now - begun });
      },
    };
  }
}

export interface Run {
  readonly id: string;
  readonly outputs: readonly Output[];
  readonly display: Display;
  readonly signal: AbortSignal;
  /** Called once the daemon has begun. */
  readonly begun: () => void;
}

/**
 * Lets the daemon build, shows what it tells, and fetches what it offers.
 *
 * @returns what a call other than `build` came to
 * @throws {Failure} when an output could not be written
 */
export async function runBuild(cli: Cli, request: BuildRequest, run: Run): Promise<unknown> {
  const { id, outputs, display, signal } = run;
  const fetching: Promise<void>[] = [];
  let called: unknown;
  let reason: unknown;
  for await (const event of build(cli.daemon, { ...request, id }, signal)) {
    await display.show(event);
    if (event.kind === 'started') run.begun();
    if (event.kind === 'call') called = event.result;
    if (event.kind !== 'output') continue;
    const fetched = fetchOutput(cli, { id, n: event.n, output: outputs[event.n] });
    fetching.push(
      fetched.catch(async (error: unknown) => {
        reason ??= error;
        await cancelBuild(cli.daemon, id).catch(() => {});
      }),
    );
  }
  await Promise.all(fetching);
  if (reason !== undefined) throw reason;
  if (display.model.outcome === 'running')
    throw new Failure('ERROR: failed to build: the daemon closed the connection before the build had ended');
  return called;
}

interface Fetch {
  readonly id: string;
  readonly n: number;
  readonly output: Output | undefined;
}

async function fetchOutput(cli: Cli, { id, n, output }: Fetch): Promise<void> {
  if (output?.dest === undefined) return;
  const bytes = await buildOutput(cli.daemon, id, n);
  if (output.asked.type === 'local') {
    const { unpackTo } = await import('./local-output.ts');
    await unpackTo(output.dest, bytes);
  } else if (output.dest === '-') for await (const chunk of bytes) await cli.out(chunk);
  else await platform.writeFile(output.dest, bytes);
}

/** Whether what the outputs need can be had here. @throws {Failure} before anything is built */
export async function checkOutputs(outputs: readonly Output[]): Promise<void> {
  for (const { asked, dest } of outputs) {
    if (dest === '-' && platform.stdout.isTerminal)
      throw new Failure(
        `ERROR: dest file is required for ${asked.type} exporter. refusing to write to console`,
      );
    if (asked.type === 'local') (await import('./local-output.ts')).prepareToUnpack();
    else if (dest !== undefined && dest !== '-' && platform.isDirectory(dest))
      throw new Failure(`ERROR: destination ${dest} is a directory`);
  }
}

/** Ctrl-C and the like end the build at once, here and at the daemon. */
export function cancelOnSignal(daemon: Daemon, id: string, controller: AbortController): Disposable {
  return platform.onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => {
    if (controller.signal.aborted) platform.exit(130);
    controller.abort();
    // the end of our connection tells the daemon as well: this tells it where a proxy holds that back
    void cancelBuild(daemon, id).catch(() => {});
  });
}
