import { removeNetwork } from '#client/network/remove.ts';
import { atLeast, command as define, describe, Failure, isDaemonError } from '../../command.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: 'network rm NETWORK [NETWORK...]',
  about: 'Remove one or more networks',
  aliases: ['network rm', 'network remove'],
  flags: { force: bool('Do not error if the network does not exist', { short: 'f' }) },
  args: atLeast(1),
  run: async (cli, { flags: { force }, args }) => {
    let code = 0;
    for (const name of args) {
      try {
        await removeNetwork(cli.daemon, name);
        await cli.out(`${name}\n`);
      } catch (error) {
        if (force && isDaemonError(error) && error.status === 404) continue;
        await cli.err(`${describe(error)}\n`);
        code = 1;
      }
    }
    if (code !== 0) throw new Failure('exit status 1');
  },
});
