import { createContainer, type NewContainer } from '#client/container/create.ts';
import { familiarString, parseReference, withDefaultTag } from '#oci/reference.ts';
import { type Cli, Failure, isDaemonError } from '../command.ts';
import * as platform from '../platform.ts';

export interface CreateOptions {
  readonly pull: string;
  readonly quiet: boolean;
  /** File to write the ID to. */
  readonly cidfile: string;
}

/** Creates a container, pulling its image by the policy, and returns its ID. */
export async function create(cli: Cli, container: NewContainer, options: CreateOptions): Promise<string> {
  checkCidfile(options.cidfile);
  const { Image: image = '' } = container.config;
  const reference = imageReference(image);
  if (options.pull === 'always') await pullFor(cli, container, image, options);
  const attempt = () => createContainer(cli.daemon, container);
  const { Id, Warnings } = await attempt().catch(async (error: unknown) => {
    const missing = reference !== undefined && options.pull === 'missing' && isMissingImage(error, reference);
    if (!missing) throw error;
    if (!options.quiet) await cli.err(`Unable to find image '${reference}' locally\n`);
    await pullFor(cli, container, image, options);
    return attempt();
  });
  for (const warning of Warnings ?? []) await cli.err(`WARNING: ${warning}\n`);
  if (options.cidfile !== '') platform.createText(options.cidfile, Id);
  return Id;
}

function checkCidfile(path: string): void {
  if (path === '' || !platform.exists(path)) return;
  throw new Failure(`container ID file found, make sure the other container isn't running or delete ${path}`);
}

/** The image as people name it, undefined for an ID. */
function imageReference(image: string): string | undefined {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(image)) return undefined;
  return familiarString(withDefaultTag(parseReference(image)));
}

// a network or volume may be missing too: the message has the image
const isMissingImage = (error: unknown, reference: string) =>
  isDaemonError(error) && error.status === 404 && /No such image/i.test(error.message) && reference !== '';

async function pullFor(
  cli: Cli,
  container: NewContainer,
  image: string,
  { quiet }: CreateOptions,
): Promise<void> {
  const { pull } = await import('../registry/pull.ts');
  const output = quiet ? undefined : platform.stderr;
  await pull(cli, image, { output, ...(container.platform && { platform: container.platform }) });
}
