import { atLeast, command as define } from '../../command.ts';
import { bool } from '../../flags.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { inspectKind } from '../../format/inspect-all.ts';

export const command = define({
  usage: 'network inspect [OPTIONS] NETWORK [NETWORK...]',
  about: 'Display detailed information on one or more networks',
  flags: { format: jsonFormat(true), verbose: bool('Verbose output for diagnostics', { short: 'v' }) },
  args: atLeast(1),
  run: (cli, { flags, args }) =>
    inspectKind(cli, args, {
      kind: 'network',
      format: flags.format,
      query: flags.verbose ? { verbose: 'true' } : {},
    }),
});
