import { command as define, exactly, Failure } from '../../command.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: ['cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-', 'cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH'],
  about: 'Copy files/folders between a container and the local filesystem',
  details: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  aliases: ['container cp', 'cp'],
  flags: {
    archive: bool('Archive mode (copy all uid/gid information)', { short: 'a' }),
    'follow-link': bool('Always follow symbol link in SRC_PATH', { short: 'L' }),
    quiet: bool(
      'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
      { short: 'q' },
    ),
  },
  args: exactly(2),
  run: async (cli, { flags, args: [source = '', target = ''] }) => {
    if (source === '') throw new Failure('source can not be empty');
    if (target === '') throw new Failure('destination can not be empty');
    const [from, to] = [splitPath(source), splitPath(target)];
    if (from.container !== undefined && to.container !== undefined) {
      throw new Failure('copying between containers is not supported');
    }
    const options = { archive: flags.archive, followLink: flags['follow-link'], quiet: flags.quiet };
    const { copyFromContainer, copyToContainer } = await import('../../copy/copy-tree.ts');
    if (from.container !== undefined) {
      return copyFromContainer(cli, { ...options, container: from.container, source: from.path, target });
    }
    if (to.container === undefined) throw new Failure('must specify at least one container source');
    return copyToContainer(cli, { ...options, container: to.container, source, target: to.path });
  },
});

/** `container:path`; a path that begins with `/` or `.` is of this machine. */
function splitPath(text: string): { container?: string; path: string } {
  const colon = text.indexOf(':');
  if (/^[/.]/.test(text) || colon < 1) return { path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}
