import { stopContainer } from '#client/container/stop.ts';
import { atLeast, command as define, forEach } from '../../command.ts';
import { seconds, stopFlags } from '../../container-spec/stop-flags.ts';

export const command = define({
  usage: 'stop [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Stop one or more running containers',
  aliases: ['container stop', 'stop'],
  flags: stopFlags,
  args: atLeast(1),
  run: (cli, { flags, args }) =>
    forEach(cli, args, {
      act: async (id) => {
        await stopContainer(cli.daemon, id, {
          ...(flags.signal && { signal: flags.signal }),
          ...(seconds(flags) !== undefined && { t: seconds(flags)! }),
        });
        return id;
      },
    }),
});
