import { removeContainer } from '#client/container/remove.ts';
import { atLeast, command as define, describe, forEach, isDaemonError } from '../../command.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  about: 'Remove one or more containers',
  aliases: ['container rm', 'container remove', 'rm'],
  flags: {
    force: bool('Force the removal of a running container (uses SIGKILL)', { short: 'f' }),
    link: bool('Remove the specified link', { short: 'l' }),
    volumes: bool('Remove anonymous volumes associated with the container', { short: 'v' }),
  },
  args: atLeast(1),
  run: (cli, { flags: { force, link, volumes }, args }) =>
    forEach(cli, args, {
      act: async (id) => {
        const options = { ...(force && { force }), ...(link && { link }), ...(volumes && { v: volumes }) };
        try {
          await removeContainer(cli.daemon, id.replace(/^\/+/, ''), options);
          return id;
        } catch (error) {
          // what is gone already is said, and no failure
          if (!force || !isDaemonError(error) || error.status !== 404) throw error;
          await cli.err(`${describe(error)}\n`);
          return undefined;
        }
      },
    }),
});
