import { waitContainer } from '#client/container/wait.ts';
import { atLeast, command as define, forEach } from '../../command.ts';

export const command = define({
  usage: 'wait CONTAINER [CONTAINER...]',
  about: 'Block until one or more containers stop, then print their exit codes',
  aliases: ['container wait', 'wait'],
  flags: {},
  args: atLeast(1),
  run: (cli, { args }) =>
    forEach(cli, args, {
      atOnce: 1,
      act: async (id) => {
        const { exit } = await waitContainer(cli.daemon, id);
        return String((await exit).StatusCode);
      },
    }),
});
