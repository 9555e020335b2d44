import { createVolume } from '#client/volume/create.ts';
import { atMost, command as define, Failure } from '../../command.ts';
import { keyValues } from '../../container-spec/env.ts';
import { list, text } from '../../flags.ts';

export const command = define({
  usage: 'volume create [OPTIONS] [VOLUME]',
  about: 'Create a volume',
  flags: {
    driver: text('Specify volume driver name', { short: 'd', initial: 'local' }),
    label: list('Set metadata for a volume'),
    name: { ...text('Specify volume name'), hidden: true },
    opt: list('Set driver specific options', { short: 'o', type: 'map', shows: 'map[]' }),
  },
  args: atMost(1),
  run: async (cli, { flags, args }) => {
    if (args[0] !== undefined && flags.name !== '') {
      throw new Failure(
        'conflicting options: cannot specify a volume-name through both --name and as a positional arg',
      );
    }
    const { Name } = await createVolume(cli.daemon, {
      Name: args[0] ?? flags.name,
      Driver: flags.driver,
      ...(flags.opt.length > 0 && { DriverOpts: keyValues(flags.opt) }),
      ...(flags.label.length > 0 && { Labels: keyValues(flags.label) }),
    });
    await cli.out(`${Name}\n`);
  },
});
