import { killContainer } from '#client/container/kill.ts';
import { atLeast, command as define, forEach } from '../../command.ts';
import { text } from '../../flags.ts';

export const command = define({
  usage: 'kill [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Kill one or more running containers',
  aliases: ['container kill', 'kill'],
  flags: { signal: text('Signal to send to the container', { short: 's' }) },
  args: atLeast(1),
  run: (cli, { flags, args }) =>
    forEach(cli, args, {
      act: async (id) => {
        await killContainer(cli.daemon, id, flags.signal || undefined);
        return id;
      },
    }),
});
