import { EngineError } from '#base/errors.ts';
import { RegistryError } from '#distribution/registry-error.ts';
import { familiarName, familiarString, type Reference } from '#oci/reference.ts';

/** A registry's refusal of a pull, as Docker tells it: what is not there, and what one may not see, read alike. */
export function pullError(error: unknown, reference: Reference): unknown {
  if (!(error instanceof RegistryError)) return error;
  const say = (what: string) => new EngineError('notFound', `${what}: ${error.message}`, { cause: error });
  if (error.code === 'DENIED')
    return say(
      `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'`,
    );
  if (error.code === 'MANIFEST_UNKNOWN') return say(`manifest for ${familiarString(reference)} not found`);
  if (error.code === 'NAME_UNKNOWN') return say(`repository ${familiarName(reference)} not found`);
  return error;
}
