import { attachContainer } from '#client/container/attach.ts';
import { inspectContainer } from '#client/container/inspect.ts';
import { resizeContainer } from '#client/container/resize.ts';
import { waitContainer } from '#client/container/wait.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { chosenDetachKeys } from '../../session/detach-keys.ts';
import { followSize, runSession } from '../../session/session.ts';
import { forwardSignals } from '../../session/signals.ts';

export const command = define({
  usage: 'attach [OPTIONS] CONTAINER',
  about: 'Attach local standard input, output, and error streams to a running container',
  aliases: ['container attach', 'attach'],
  flags: {
    'detach-keys': text('Override the key sequence for detaching a container'),
    'no-stdin': bool('Do not attach STDIN'),
    'sig-proxy': bool('Proxy all received signals to the process', { initial: true }),
  },
  args: exactly(1),
  run: async (cli, { flags, args: [name = ''] }) => {
    const { daemon } = cli;
    const { Id: id, State, Config } = await inspectContainer(daemon, name);
    if (!State.Running) throw new Failure('cannot attach to a stopped container, start it first');
    if (State.Paused) throw new Failure('cannot attach to a paused container, unpause it first');
    if (State.Restarting)
      throw new Failure('cannot attach to a restarting container, wait until it is running');
    const tty = Config.Tty ?? false;
    const stdin = !flags['no-stdin'] && (Config.OpenStdin ?? false);
    if (tty && stdin && !platform.stdin.isTerminal) throw new Failure('the input device is not a TTY');
    const detachKeys = chosenDetachKeys(cli, flags['detach-keys']);
    const { exit } = await waitContainer(daemon, id);
    const stream = await attachContainer(daemon, id, {
      tty,
      stdout: true,
      stderr: true,
      ...(stdin && { stdin }),
      ...(detachKeys && { detachKeys }),
    });
    using _signals = flags['sig-proxy'] && !tty ? forwardSignals(daemon, id) : undefined;
    using _size =
      tty && platform.stdout.isTerminal
        ? followSize((size) => resizeContainer(daemon, id, size), { redraw: true })
        : undefined;
    if ((await runSession(cli, stream, { stdin, tty, detachKeys })) === 'detached')
      throw new Failure('read escape sequence');
    return (await exit).StatusCode;
  },
});
