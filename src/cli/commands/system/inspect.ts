import { type InspectedKind, inspectText } from '#client/inspect-text.ts';
import { atLeast, type Cli, command as define, describe, Failure, isDaemonError } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { inspectAll, inspectKind } from '../../format/inspect-all.ts';

/** What a name may be, in the order of looking. */
const kinds: readonly InspectedKind[] = ['container', 'image', 'network', 'volume'];

export const command = define({
  usage: 'inspect [OPTIONS] NAME|ID [NAME|ID...]',
  about: 'Return low-level information on Hoist objects',
  flags: {
    format: jsonFormat(true),
    size: bool('Display total file sizes if the type is container', { short: 's' }),
    type: text('Only inspect objects of the given type'),
  },
  args: atLeast(1),
  run: (cli, { flags: { format, size, type }, args, given }) => {
    const sizes = size ? { size } : {};
    if (!given.has('type'))
      return inspectAll(cli, args, { format, find: (name) => findAny(cli, name, sizes) });
    const kind = kinds.find((each) => each === type);
    const known =
      'must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"';
    if (type === '') throw new Failure(`type is empty: ${known}`);
    if (kind === undefined) throw new Failure(`unknown type: ${JSON.stringify(type)}: ${known}`);
    return inspectKind(cli, args, { kind, format, query: kind === 'container' ? sizes : {} });
  },
});

async function findAny({ daemon }: Cli, name: string, sizes: { size?: boolean }): Promise<string> {
  for (const kind of kinds) {
    try {
      return await inspectText(daemon, { kind, name, query: kind === 'container' ? sizes : {} });
    } catch (error) {
      if (!isAbsent(error)) throw new Failure(describe(error));
    }
  }
  throw new Failure(`Error: No such object: ${name}`);
}

// a name that cannot be an image's may be another thing's
const isAbsent = (error: unknown) =>
  isDaemonError(error) &&
  (error.status === 404 || (error.status === 400 && /invalid reference format/.test(error.message)));
