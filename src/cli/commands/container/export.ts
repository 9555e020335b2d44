import { exportContainer } from '#client/container/export.ts';
import { command as define, exactly } from '../../command.ts';
import { text } from '../../flags.ts';
import { saveStream } from '../../save-stream.ts';

export const command = define({
  usage: 'export [OPTIONS] CONTAINER',
  about: "Export a container's filesystem as a tar archive",
  aliases: ['container export', 'export'],
  flags: { output: text('Write to a file, instead of STDOUT', { short: 'o' }) },
  args: exactly(1),
  run: (cli, { flags: { output }, args: [id = ''] }) =>
    saveStream(cli, { path: output, what: 'export', open: () => exportContainer(cli.daemon, id) }),
});
