import { containerChanges } from '#client/container/diff.ts';
import { command as define, exactly } from '../../command.ts';

const letters = ['C', 'A', 'D'] as const;

export const command = define({
  usage: 'diff CONTAINER',
  about: "Inspect changes to files or directories on a container's filesystem",
  aliases: ['container diff', 'diff'],
  flags: {},
  args: exactly(1),
  run: async (cli, { args: [id = ''] }) => {
    const changes = await containerChanges(cli.daemon, id);
    await cli.out(changes.map(({ Kind, Path }) => `${letters[Kind]} ${Path}\n`).join(''));
  },
});
