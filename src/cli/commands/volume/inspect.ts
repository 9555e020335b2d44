import { atLeast, command as define } from '../../command.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { inspectKind } from '../../format/inspect-all.ts';

export const command = define({
  usage: 'volume inspect [OPTIONS] VOLUME [VOLUME...]',
  about: 'Display detailed information on one or more volumes',
  flags: { format: jsonFormat(true) },
  args: atLeast(1),
  run: (cli, { flags, args }) => inspectKind(cli, args, { kind: 'volume', format: flags.format }),
});
