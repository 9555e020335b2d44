import { atLeast, command as define } from '../../command.ts';
import { text } from '../../flags.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { inspectKind } from '../../format/inspect-all.ts';

export const command = define({
  usage: 'image inspect [OPTIONS] IMAGE [IMAGE...]',
  about: 'Display detailed information on one or more images',
  flags: {
    format: jsonFormat(true),
    platform: text(`Inspect a specific platform of the multi-platform image.
If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`),
  },
  args: atLeast(1),
  run: (cli, { flags, args }) =>
    inspectKind(cli, args, {
      kind: 'image',
      format: flags.format,
      query: flags.platform ? { platform: flags.platform } : {},
    }),
});
