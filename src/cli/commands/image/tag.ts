import { tagImage } from '#client/image/tag.ts';
import { parseReference, repositoryOf } from '#oci/reference.ts';
import { command as define, exactly, Failure } from '../../command.ts';

export const command = define({
  usage: 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  about: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  aliases: ['image tag', 'tag'],
  flags: {},
  args: exactly(2),
  run: async (cli, { args: [source = '', target = ''] }) => {
    const { reference, problem } = parsed(target);
    if (reference === undefined) {
      throw new Failure(
        `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${problem}`,
      );
    }
    if (reference.digest !== undefined) throw new Failure('refusing to create a tag with a digest reference');
    await tagImage(cli.daemon, source, { repo: repositoryOf(reference), tag: reference.tag ?? 'latest' });
  },
});

function parsed(name: string) {
  try {
    return { reference: parseReference(name) };
  } catch (error) {
    return { reference: undefined, problem: (error as Error).message };
  }
}
