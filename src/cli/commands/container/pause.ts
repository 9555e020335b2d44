import { pauseContainer } from '#client/container/pause.ts';
import { atLeast, command as define, forEach } from '../../command.ts';

export const command = define({
  usage: 'pause CONTAINER [CONTAINER...]',
  about: 'Pause all processes within one or more containers',
  aliases: ['container pause', 'pause'],
  flags: {},
  args: atLeast(1),
  run: (cli, { args }) =>
    forEach(cli, args, {
      act: async (id) => {
        await pauseContainer(cli.daemon, id);
        return id;
      },
    }),
});
