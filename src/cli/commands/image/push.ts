import { pushImage } from '#client/image/push.ts';
import { familiarName, parseReference, repositoryOf, withDefaultTag } from '#oci/reference.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { displayProgress } from '../../progress/display.ts';
import { credentialsFor } from '../../registry/credentials.ts';

export const command = define({
  usage: 'push [OPTIONS] NAME[:TAG]',
  about: 'Upload an image to a registry',
  aliases: ['image push', 'push'],
  flags: {
    'all-tags': bool('Push all tags of an image to the repository', { short: 'a' }),
    'disable-content-trust': bool('Skip image signing', { initial: true }),
    platform: text(`Push a platform-specific manifest as a single-platform image to the registry.
Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`),
    quiet: bool('Suppress verbose output', { short: 'q' }),
  },
  args: exactly(1),
  run: async (cli, { flags, args: [name = ''] }) => {
    const reference = parseReference(name);
    const allTags = flags['all-tags'];
    if (allTags && reference.tag !== undefined) throw new Failure("tag can't be used with --all-tags/-a");
    const whole = allTags ? reference : withDefaultTag(reference);
    if (!allTags && reference.tag === undefined && !flags.quiet)
      await cli.out(`Using default tag: ${whole.tag}\n`);
    const auth = credentialsFor(cli, reference.domain);
    const messages = await pushImage(cli.daemon, repositoryOf(whole), {
      ...(whole.tag !== undefined && { tag: whole.tag }),
      ...(flags.platform && { platform: flags.platform }),
      ...(auth && { auth }),
    });
    const silent = { write: async () => {}, isTerminal: false, columns: 0 };
    await displayProgress(messages, { output: flags.quiet ? silent : platform.stdout });
    if (flags.quiet) await cli.out(`${familiarName(whole)}${whole.tag ? `:${whole.tag}` : ''}\n`);
  },
});
