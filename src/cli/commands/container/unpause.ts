import { unpauseContainer } from '#client/container/unpause.ts';
import { atLeast, command as define, forEach } from '../../command.ts';

export const command = define({
  usage: 'unpause CONTAINER [CONTAINER...]',
  about: 'Unpause all processes within one or more containers',
  aliases: ['container unpause', 'unpause'],
  flags: {},
  args: atLeast(1),
  run: (cli, { args }) =>
    forEach(cli, args, {
      act: async (id) => {
        await unpauseContainer(cli.daemon, id);
        return id;
      },
    }),
});
