import { importImage } from '#client/image/import.ts';
import { between, command as define, Failure } from '../../command.ts';
import { list, text } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { displayProgress } from '../../progress/display.ts';

export const command = define({
  usage: 'import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  about: 'Import the contents from a tarball to create a filesystem image',
  aliases: ['image import', 'import'],
  flags: {
    change: list('Apply Dockerfile instruction to the created image', { short: 'c' }),
    message: text('Set commit message for imported image', { short: 'm' }),
    platform: text('Set platform if server is multi-platform capable'),
  },
  args: between(1, 2),
  run: async (cli, { flags, args: [source = '', name = ''] }) => {
    const isUrl = /^(https?|ftp):\/\//.test(source);
    if (!isUrl && source !== '-' && !platform.exists(source))
      throw new Failure(`open ${source}: no such file or directory`);
    const messages = await importImage(cli.daemon, {
      fromSrc: isUrl ? source : '-',
      ...(!isUrl && { archive: source === '-' ? platform.stdin.read() : platform.readFile(source) }),
      ...(name && { repo: name }),
      ...(flags.message && { message: flags.message }),
      ...(flags.change.length > 0 && { changes: flags.change }),
      ...(flags.platform && { platform: flags.platform }),
    });
    await displayProgress(messages, { output: platform.stdout });
  },
});
