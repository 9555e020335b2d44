import { atLeast, command as define } from '../../command.ts';
import { bool } from '../../flags.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { inspectKind } from '../../format/inspect-all.ts';

export const command = define({
  usage: 'container inspect [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Display detailed information on one or more containers',
  flags: { format: jsonFormat(true), size: bool('Display total file sizes', { short: 's' }) },
  args: atLeast(1),
  run: (cli, { flags, args }) =>
    inspectKind(cli, args, {
      kind: 'container',
      format: flags.format,
      query: flags.size ? { size: true } : {},
    }),
});
