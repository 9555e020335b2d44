import { inspectContainer } from '#client/container/inspect.ts';
import { createExec } from '#client/exec/create.ts';
import { inspectExec } from '#client/exec/inspect.ts';
import { resizeExec } from '#client/exec/resize.ts';
import { attachExec, startExec } from '#client/exec/start.ts';
import { atLeast, type Cli, command as define, Failure } from '../../command.ts';
import { readEnv, readEnvs } from '../../container-spec/env.ts';
import { bool, type FlagSet, list, text, type Values } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { chosenDetachKeys } from '../../session/detach-keys.ts';
import { followSize, runSession } from '../../session/session.ts';

const flags = {
  detach: bool('Detached mode: run command in the background', { short: 'd' }),
  'detach-keys': text('Override the key sequence for detaching a container'),
  env: list('Set environment variables', { short: 'e', check: readEnv }),
  'env-file': list('Read in a file of environment variables'),
  interactive: bool('Keep STDIN open even if not attached', { short: 'i' }),
  privileged: bool('Give extended privileges to the command'),
  tty: bool('Allocate a pseudo-TTY', { short: 't' }),
  user: text('Username or UID (format: "<name|uid>[:<group|gid>]")', { short: 'u' }),
  workdir: text('Working directory inside the container', { short: 'w' }),
} satisfies FlagSet;

export const command = define({
  usage: 'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
  about: 'Execute a command in a running container',
  aliases: ['container exec', 'exec'],
  flags,
  args: atLeast(2),
  flagsFirst: true,
  run: async (cli, { flags, args: [container = '', ...command] }) => {
    const { tty, detach, interactive } = flags;
    if (tty && interactive && !detach && !platform.stdin.isTerminal) {
      // that there is no such container is worth more to know
      await inspectContainer(cli.daemon, container);
      throw new Failure('the input device is not a TTY');
    }
    const size = tty && platform.stdout.isTerminal ? consoleSize() : {};
    const { Id } = await createExec(cli.daemon, container, {
      User: flags.user,
      Privileged: flags.privileged,
      Tty: tty,
      ...size,
      AttachStdin: !detach && interactive,
      AttachStdout: !detach,
      AttachStderr: !detach,
      Detach: detach,
      DetachKeys: chosenDetachKeys(cli, flags['detach-keys']) ?? '',
      Env: envOf(flags),
      WorkingDir: flags.workdir,
      Cmd: command,
    });
    if (!detach) return attached(cli, { id: Id, flags, size });
    await startExec(cli.daemon, Id, { Tty: tty, ...size });
    return 0;
  },
});

type Size = { ConsoleSize?: readonly [number, number] };

function consoleSize(): Size {
  const size = platform.terminalSize();
  return size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] };
}

function envOf({ env, 'env-file': files }: Flags): readonly string[] | null {
  const all = readEnvs(files, env);
  return all.length > 0 ? all : null;
}

type Flags = Values<typeof flags>;

async function attached(
  cli: Cli,
  { id, flags, size }: { id: string; flags: Flags; size: Size },
): Promise<number> {
  const { tty, interactive: stdin } = flags;
  const detachKeys = chosenDetachKeys(cli, flags['detach-keys']);
  const stream = await attachExec(cli.daemon, id, { Tty: tty, ...size });
  using _size =
    tty && platform.stdout.isTerminal ? followSize((to) => resizeExec(cli.daemon, id, to)) : undefined;
  if ((await runSession(cli, stream, { stdin, tty, detachKeys })) === 'detached') {
    throw new Failure('read escape sequence');
  }
  const { ExitCode } = await inspectExec(cli.daemon, id);
  return ExitCode ?? 0;
}
