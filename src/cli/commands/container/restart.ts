import { restartContainer } from '#client/container/restart.ts';
import { atLeast, command as define, forEach } from '../../command.ts';
import { seconds, stopFlags } from '../../container-spec/stop-flags.ts';

export const command = define({
  usage: 'restart [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Restart one or more containers',
  aliases: ['container restart', 'restart'],
  flags: stopFlags,
  args: atLeast(1),
  run: (cli, { flags, args }) =>
    forEach(cli, args, {
      act: async (id) => {
        await restartContainer(cli.daemon, id, {
          ...(flags.signal && { signal: flags.signal }),
          ...(seconds(flags) !== undefined && { t: seconds(flags)! }),
        });
        return id;
      },
    }),
});
