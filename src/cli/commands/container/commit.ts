import { commitContainer } from '#client/container/commit.ts';
import { parseReference, repositoryOf } from '#oci/reference.ts';
import { between, command as define } from '../../command.ts';
import { bool, list, text } from '../../flags.ts';

export const command = define({
  usage: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  about: "Create a new image from a container's changes",
  aliases: ['container commit', 'commit'],
  flags: {
    author: text('Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', { short: 'a' }),
    change: list('Apply Dockerfile instruction to the created image', { short: 'c' }),
    message: text('Commit message', { short: 'm' }),
    pause: bool('Pause container during commit', { short: 'p', initial: true }),
  },
  args: between(1, 2),
  run: async (cli, { flags, args: [container = '', name] }) => {
    const reference = name === undefined ? undefined : parseReference(name);
    const { Id } = await commitContainer(cli.daemon, {
      container,
      ...(reference && { repo: repositoryOf(reference), tag: reference.tag ?? 'latest' }),
      ...(flags.author && { author: flags.author }),
      ...(flags.message && { comment: flags.message }),
      ...(flags.change.length > 0 && { changes: flags.change }),
      ...(!flags.pause && { pause: false }),
    });
    await cli.out(`${Id}\n`);
  },
});
