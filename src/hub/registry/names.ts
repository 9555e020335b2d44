import { EngineError, messageOf } from '#base/errors.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import { parseRepositoryName } from '../catalogue/repository-name.ts';
import { RegistryError } from './errors.ts';

/** A repository's whole name out of a path. @throws {RegistryError} `NAME_INVALID` */
export function checkedName(name: string): string {
  try {
    parseRepositoryName(name);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new RegistryError('NAME_INVALID', messageOf(error), { detail: { name: name.slice(0, 300) } });
  }
  return name;
}

/** @throws {RegistryError} `DIGEST_INVALID` */
export function checkedDigest(text: string): Digest {
  if (!isDigest(text))
    throw new RegistryError('DIGEST_INVALID', 'provided digest is not of a form that is known', {
      detail: { digest: text.slice(0, 300) },
    });
  return text;
}

/** @see OCI distribution-spec, § Pulling manifests, `<reference>` as a tag */
export const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text);

export const algorithmOf = (digest: Digest): 'sha256' | 'sha512' =>
  digest.startsWith('sha512:') ? 'sha512' : 'sha256';
