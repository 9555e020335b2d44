import { removeImage } from '#client/image/remove.ts';
import { atLeast, command as define, describe, Failure } from '../../command.ts';
import { bool, strings } from '../../flags.ts';

export const command = define({
  usage: 'rmi [OPTIONS] IMAGE [IMAGE...]',
  about: 'Remove one or more images',
  aliases: ['image rm', 'image remove', 'rmi'],
  flags: {
    force: bool('Force removal of the image', { short: 'f' }),
    'no-prune': bool('Do not delete untagged parents'),
    platform: strings(
      'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  args: atLeast(1),
  run: async (cli, { flags: { force, platform, ...flags }, args }) => {
    const failures: string[] = [];
    for (const name of args) {
      const options = {
        ...(force && { force }),
        ...(flags['no-prune'] && { noprune: true }),
        ...(platform.length > 0 && { platforms: platform }),
      };
      try {
        const removed = await removeImage(cli.daemon, name, options);
        await cli.out(
          removed
            .map(({ Deleted, Untagged }) => (Deleted ? `Deleted: ${Deleted}\n` : `Untagged: ${Untagged}\n`))
            .join(''),
        );
      } catch (error) {
        failures.push(describe(error));
      }
    }
    if (failures.length > 0) throw new Failure(failures.join('\n'));
  },
});
