import { atMost, command as define, Failure } from '../../command.ts';
import { eraseCredentials, hubServer } from '../../registry/credentials.ts';

export const command = define({
  usage: 'logout [SERVER]',
  about: 'Log out from a registry.',
  details: 'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
  flags: {},
  args: atMost(1),
  run: async (cli, { args }) => {
    const server =
      args[0] === undefined || args[0] === 'docker.io'
        ? hubServer
        : args[0].replace(/^https?:\/\//, '').split('/')[0]!;
    const shown = args[0] === undefined ? hubServer : server;
    await cli.out(`Removing login credentials for ${shown}\n`);
    try {
      eraseCredentials(cli, server);
    } catch (error) {
      throw new Failure(`WARNING: could not erase credentials:\n${shown}: ${(error as Error).message}`);
    }
  },
});
