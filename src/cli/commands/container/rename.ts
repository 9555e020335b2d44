import { renameContainer } from '#client/container/rename.ts';
import { command as define, describe, exactly, Failure } from '../../command.ts';

export const command = define({
  usage: 'rename CONTAINER NEW_NAME',
  about: 'Rename a container',
  aliases: ['container rename', 'rename'],
  flags: {},
  args: exactly(2),
  run: async (cli, { args: [id = '', name = ''] }) => {
    if (id.trim() === '' || name.trim() === '') {
      throw new Failure('Error: Neither old nor new names may be empty');
    }
    await renameContainer(cli.daemon, id, name).catch((error: unknown) => {
      throw new Failure(`${describe(error)}\nError: failed to rename container named ${id}`);
    });
  },
});
