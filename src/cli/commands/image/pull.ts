import { parseReference, repositoryOf, withDefaultTag } from '#oci/reference.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import * as platform from '../../platform.ts';
import { pull } from '../../registry/pull.ts';

export const command = define({
  usage: 'pull [OPTIONS] NAME[:TAG|@DIGEST]',
  about: 'Download an image from a registry',
  aliases: ['image pull', 'pull'],
  flags: {
    'all-tags': bool('Download all tagged images in the repository', { short: 'a' }),
    'disable-content-trust': bool('Skip image verification', { initial: true }),
    platform: text('Set platform if server is multi-platform capable'),
    quiet: bool('Suppress verbose output', { short: 'q' }),
  },
  args: exactly(1),
  run: async (cli, { flags, args: [name = ''] }) => {
    const reference = parseReference(name);
    const allTags = flags['all-tags'];
    const named = reference.tag !== undefined || reference.digest !== undefined;
    if (allTags && named) throw new Failure("tag can't be used with --all-tags/-a");
    const whole = allTags ? reference : withDefaultTag(reference);
    if (!allTags && !named && !flags.quiet) await cli.out(`Using default tag: ${whole.tag}\n`);
    const output = flags.quiet ? undefined : platform.stdout;
    await pull(cli, name, { output, allTags, ...(flags.platform && { platform: flags.platform }) });
    const digest = whole.digest === undefined ? '' : `@${whole.digest}`;
    const tag = whole.tag === undefined ? '' : `:${whole.tag}`;
    await cli.out(`${repositoryOf(whole)}${tag}${digest}\n`);
  },
});
