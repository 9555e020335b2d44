import { atLeast, command as define, Failure } from '../../command.ts';
import { create } from '../../container-spec/create.ts';
import { containerFlags } from '../../container-spec/flags.ts';
import { containerSpec } from '../../container-spec/spec.ts';
import { text } from '../../flags.ts';

export const command = define({
  usage: 'create [OPTIONS] IMAGE [COMMAND] [ARG...]',
  about: 'Create a new container',
  aliases: ['container create', 'create'],
  flags: {
    ...containerFlags,
    pull: text('Pull image before creating ("always", "|missing", "never")', { initial: 'missing' }),
  },
  args: atLeast(1),
  flagsFirst: true,
  run: async (cli, parsed) => {
    const { flags } = parsed;
    checkPull(flags.pull);
    const spec = containerSpec(parsed, { detached: false, configFile: cli.config.file, host: cli.host });
    await cli.out(`${await create(cli, spec, flags)}\n`);
  },
});

/** @throws {Failure} for what is no pull policy */
export function checkPull(policy: string): void {
  if (['always', 'missing', 'never'].includes(policy)) return;
  throw new Failure(`invalid pull option: '${policy}': must be one of "always", "missing" or "never"`);
}
