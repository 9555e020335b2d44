import { loadImages } from '#client/image/load.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { displayProgress } from '../../progress/display.ts';

export const command = define({
  usage: 'load [OPTIONS]',
  about: 'Load an image from a tar archive or STDIN',
  aliases: ['image load', 'load'],
  flags: {
    input: text('Read from tar archive file, instead of STDIN', { short: 'i' }),
    platform: text(
      'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool('Suppress the load output', { short: 'q' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const { input } = flags;
    if (input === '' && platform.stdin.isTerminal)
      throw new Failure('requested load from stdin, but stdin is empty');
    if (input !== '' && !platform.exists(input))
      throw new Failure(`open ${input}: no such file or directory`);
    // without a terminal there is nobody to look at bars
    const quiet = flags.quiet || !platform.stdout.isTerminal;
    const messages = await loadImages(cli.daemon, {
      archive: input === '' ? platform.stdin.read() : platform.readFile(input),
      quiet,
      ...(flags.platform && { platform: flags.platform }),
    });
    await displayProgress(messages, { output: platform.stdout });
  },
});
