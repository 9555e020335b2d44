import { attachContainer } from '#client/container/attach.ts';
import { inspectContainer } from '#client/container/inspect.ts';
import { resizeContainer } from '#client/container/resize.ts';
import { startContainer } from '#client/container/start.ts';
import { waitContainer } from '#client/container/wait.ts';
import { atLeast, type Cli, command as define, describe, Failure } from '../../command.ts';
import { bool, type FlagSet, text, type Values } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { chosenDetachKeys } from '../../session/detach-keys.ts';
import { followSize, runSession } from '../../session/session.ts';
import { forwardSignals } from '../../session/signals.ts';

const flags = {
  attach: bool('Attach STDOUT/STDERR and forward signals', { short: 'a' }),
  checkpoint: { ...text('Restore from this checkpoint'), hidden: true },
  'checkpoint-dir': { ...text('Use a custom checkpoint storage directory'), hidden: true },
  'detach-keys': text('Override the key sequence for detaching a container'),
  interactive: bool("Attach container's STDIN", { short: 'i' }),
} satisfies FlagSet;

export const command = define({
  usage: 'start [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Start one or more stopped containers',
  aliases: ['container start', 'start'],
  flags,
  args: atLeast(1),
  run: async (cli, { flags, args }) => {
    if (!flags.attach && !flags.interactive) return startAll(cli, args);
    if (args.length > 1) throw new Failure('you cannot start and attach multiple containers at once');
    return startAttached(cli, args[0]!, flags);
  },
});

async function startAll(cli: Cli, names: readonly string[]): Promise<number> {
  const failed: string[] = [];
  for (const name of names) {
    try {
      await startContainer(cli.daemon, name);
      await cli.out(`${name}\n`);
    } catch (error) {
      await cli.err(`${describe(error)}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new Failure(`Error: failed to start containers: ${failed.join(', ')}`);
  return 0;
}

async function startAttached(cli: Cli, name: string, options: Values<typeof flags>): Promise<number> {
  const { daemon } = cli;
  const { Id: id, Config, HostConfig } = await inspectContainer(daemon, name);
  const tty = Config.Tty ?? false;
  const stdin = options.interactive && (Config.OpenStdin ?? false);
  const detachKeys = chosenDetachKeys(cli, options['detach-keys']);
  const [stream, wait] = await Promise.all([
    attachContainer(daemon, id, {
      tty,
      stdout: true,
      stderr: true,
      ...(stdin && { stdin }),
      ...(detachKeys && { detachKeys }),
    }),
    waitContainer(daemon, id, { condition: HostConfig.AutoRemove ? 'removed' : 'next-exit' }),
  ]);
  using _signals = tty ? undefined : forwardSignals(daemon, id);
  const session = runSession(cli, stream, { stdin, tty, detachKeys });
  session.catch(() => {});
  try {
    await startContainer(daemon, id);
  } catch (error) {
    stream.close();
    throw error;
  }
  using _size =
    tty && platform.stdout.isTerminal ? followSize((size) => resizeContainer(daemon, id, size)) : undefined;
  if ((await session) === 'detached') return 0;
  return (await wait.exit).StatusCode;
}
