import { pullImage } from '#client/image/pull.ts';
import { parseReference, repositoryOf } from '#oci/reference.ts';
import type { Cli } from '../command.ts';
import type { Output } from '../platform.ts';
import { displayProgress } from '../progress/display.ts';
import { credentialsFor } from './credentials.ts';

export interface PullOptions {
  readonly platform?: string;
  readonly allTags?: boolean;
  /** Where progress goes; nowhere when quiet. */
  readonly output: Output | undefined;
}

/** Pulls an image, or all tags of its repository, as the user who is logged in to its registry. */
export async function pull(cli: Cli, name: string, options: PullOptions): Promise<void> {
  const reference = parseReference(name);
  const auth = credentialsFor(cli, reference.domain);
  const messages = await pullImage(cli.daemon, {
    fromImage: repositoryOf(reference),
    ...(!options.allTags && { tag: reference.digest ?? reference.tag ?? 'latest' }),
    ...(options.platform && { platform: options.platform }),
    ...(auth && { auth }),
  });
  const silent: Output = { write: async () => {}, isTerminal: false, columns: 0 };
  await displayProgress(messages, { output: options.output ?? silent });
}
