import { saveImages } from '#client/image/save.ts';
import { atLeast, command as define } from '../../command.ts';
import { text } from '../../flags.ts';
import { saveStream } from '../../save-stream.ts';

export const command = define({
  usage: 'save [OPTIONS] IMAGE [IMAGE...]',
  about: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  aliases: ['image save', 'save'],
  flags: {
    output: text('Write to a file, instead of STDOUT', { short: 'o' }),
    platform: text(
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  args: atLeast(1),
  run: (cli, { flags: { output, platform }, args }) =>
    saveStream(cli, {
      path: output,
      what: 'save',
      open: () => saveImages(cli.daemon, args, platform === '' ? {} : { platform }),
    }),
});
