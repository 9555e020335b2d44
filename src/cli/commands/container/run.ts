import { attachContainer } from '#client/container/attach.ts';
import type { NewContainer } from '#client/container/create.ts';
import { startContainer } from '#client/container/start.ts';
import { waitContainer } from '#client/container/wait.ts';
import { atLeast, type Cli, command as define, describe, Failure } from '../../command.ts';
import { create } from '../../container-spec/create.ts';
import { containerFlags } from '../../container-spec/flags.ts';
import { containerSpec } from '../../container-spec/spec.ts';
import { bool, type FlagSet, type Parsed, text } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { chosenDetachKeys } from '../../session/detach-keys.ts';
import { followSize, runSession } from '../../session/session.ts';
import { forwardSignals } from '../../session/signals.ts';
import { checkPull } from './create.ts';

const flags = {
  ...containerFlags,
  detach: bool('Run container in background and print container ID', { short: 'd' }),
  'detach-keys': text('Override the key sequence for detaching a container'),
  pull: text('Pull image before running ("always", "missing", "never")', { initial: 'missing' }),
  'sig-proxy': bool('Proxy received signals to the process', { initial: true }),
  steps: bool('Show each step from the image to the running process'),
} satisfies FlagSet;

export const command = define({
  usage: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
  about: 'Create and run a new container from an image',
  aliases: ['container run', 'run'],
  flags,
  args: atLeast(1),
  flagsFirst: true,
  run: async (cli, parsed) => {
    if (parsed.flags.detach && parsed.flags.attach.length > 0) {
      throw new Failure('conflicting options: cannot specify both --attach and --detach');
    }
    try {
      return await runContainer(cli, parsed);
    } catch (error) {
      if (error instanceof Failure && error.message === '') throw error;
      throw asRunFailure(error);
    }
  },
});

const asRunFailure = (error: unknown): Failure => {
  if (error instanceof TerminalMissing) return new Failure(error.message, 1);
  const code = error instanceof StartFailure ? startCode(error.message) : 125;
  return new Failure(`hoist: ${describe(error)}\n\nRun 'hoist run --help' for more information`, code);
};

/** Codes beside a program's own: 127 there is no such command, 126 it cannot be run, 125 everything else. */
function startCode(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  return /permission denied|is a directory/.test(message) ? 126 : 125;
}

class StartFailure extends Error {}

class TerminalMissing extends Error {}

async function runContainer(cli: Cli, parsed: Parsed<typeof flags>): Promise<number> {
  const { flags } = parsed;
  checkPull(flags.pull);
  cli.daemon.prepare();
  const spec = containerSpec(parsed, { detached: flags.detach, configFile: cli.config.file, host: cli.host });
  if (flags.tty && spec.config.AttachStdin && !platform.stdin.isTerminal) {
    throw new TerminalMissing('the input device is not a TTY');
  }
  const shown = flags.steps ? await (await import('../../session/steps.ts')).showSteps(cli) : undefined;
  const id = await create(cli, withConsoleSize(spec), flags);
  shown?.follow(id);
  const { AttachStdin, AttachStdout, AttachStderr } = spec.config;
  if (AttachStdin || AttachStdout || AttachStderr) return runAttached(cli, { id, spec, flags });
  await startContainer(cli.daemon, id).catch((error: unknown) => {
    throw new StartFailure(describe(error), { cause: error });
  });
  await cli.out(`${id}\n`);
  return 0;
}

/** The terminal has its size from the start, before the first resize can come. */
function withConsoleSize(spec: NewContainer): NewContainer {
  const size = spec.config.Tty && platform.stdout.isTerminal ? platform.terminalSize() : undefined;
  if (size === undefined) return spec;
  return { ...spec, hostConfig: { ...spec.hostConfig, ConsoleSize: [size.rows, size.columns] } };
}

interface Attached {
  readonly id: string;
  readonly spec: NewContainer;
  readonly flags: Parsed<typeof flags>['flags'];
}

/** Attaches and waits before the start, so that neither a byte nor the exit can be missed. */
async function runAttached(cli: Cli, { id, spec, flags }: Attached): Promise<number> {
  const { daemon } = cli;
  const {
    AttachStdin: stdin = false,
    AttachStdout: stdout = false,
    AttachStderr: stderr = false,
  } = spec.config;
  const { tty } = flags;
  const detachKeys = chosenDetachKeys(cli, flags['detach-keys']);
  const [stream, wait] = await Promise.all([
    attachContainer(daemon, id, {
      tty,
      ...(stdin && { stdin }),
      ...(stdout && { stdout }),
      ...(stderr && { stderr }),
      ...(detachKeys && { detachKeys }),
    }),
    waitContainer(daemon, id, { condition: flags.rm ? 'removed' : 'next-exit' }),
  ]);
  using _signals = flags['sig-proxy'] && !tty ? forwardSignals(daemon, id) : undefined;
  const session = runSession(cli, stream, { stdin, tty, detachKeys });
  session.catch(() => {});
  try {
    await startContainer(daemon, id);
  } catch (error) {
    stream.close();
    if (flags.rm) await wait.exit.catch(() => {});
    throw new StartFailure(describe(error), { cause: error });
  }
  using _size = tty && platform.stdout.isTerminal ? followSize(await resizer(cli, id)) : undefined;
  if ((await session) === 'detached') return 0;
  const { StatusCode, Error: failure } = await wait.exit;
  if (failure?.Message) await cli.err(`Error waiting for container: ${failure.Message}\n`);
  return StatusCode;
}

async function resizer(cli: Cli, id: string) {
  const { resizeContainer } = await import('#client/container/resize.ts');
  return (size: { h: number; w: number }) => resizeContainer(cli.daemon, id, size);
}
