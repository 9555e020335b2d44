import { removeVolume } from '#client/volume/remove.ts';
import { atLeast, command as define, describe, Failure } from '../../command.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: 'volume rm [OPTIONS] VOLUME [VOLUME...]',
  about: 'Remove one or more volumes',
  details: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
  aliases: ['volume rm', 'volume remove'],
  flags: { force: bool('Force the removal of one or more volumes', { short: 'f' }) },
  args: atLeast(1),
  run: async (cli, { flags: { force }, args }) => {
    const failures: string[] = [];
    for (const name of args) {
      try {
        await removeVolume(cli.daemon, name, force ? { force } : {});
        await cli.out(`${name}\n`);
      } catch (error) {
        failures.push(describe(error));
      }
    }
    if (failures.length > 0) throw new Failure(failures.join('\n'));
  },
});
