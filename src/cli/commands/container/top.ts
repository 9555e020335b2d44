import { containerProcesses } from '#client/container/top.ts';
import { atLeast, command as define } from '../../command.ts';
import { alignColumns } from '../../format/columns.ts';

export const command = define({
  usage: 'top CONTAINER [ps OPTIONS]',
  about: 'Display the running processes of a container',
  aliases: ['container top', 'top'],
  flags: {},
  args: atLeast(1),
  flagsFirst: true,
  run: async (cli, { args: [id = '', ...psArgs] }) => {
    const { Titles, Processes } = await containerProcesses(cli.daemon, id, psArgs.join(' ') || undefined);
    const lines = [Titles, ...(Processes ?? [])].map((cells) => `${cells.join('\t')}\n`);
    await cli.out(alignColumns(lines.join(''), { minimum: 20, padding: 1 }));
  },
});
