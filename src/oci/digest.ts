import { createHash } from 'node:crypto';
import { invalid } from '#base/errors.ts';

/** `algorithm:hex`, of bytes; `sha256:` unless a registry says otherwise. */
export type Digest = `sha256:${string}` | `sha512:${string}`;

/** @throws {EngineError} `invalid` naming the text. @see OCI image-spec, descriptor.md § Digests */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw invalid(`invalid checksum digest format: ${JSON.stringify(text)}`);
  return text;
}

export const isDigest = (text: string): text is Digest =>
  /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(text);

/** The digest of bytes at hand. */
export const digestOf = (bytes: string | Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The hexadecimal part. */
export const hexOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1);

/**
 * The ChainID of a stack of layers: names the file system that the stack unpacks to.
 *
 * @param diffIds digests of the uncompressed layer tars, bottom layer first
 * @throws {EngineError} `invalid` when the stack is empty
 * @see OCI image-spec, config.md § Layer ChainID
 */
export function chainId(diffIds: readonly Digest[]): Digest {
  const [bottom, ...rest] = diffIds;
  if (bottom === undefined) throw invalid('a chain ID needs at least one layer');
  return rest.reduce<Digest>((chain, diffId) => digestOf(`${chain} ${diffId}`), bottom);
}

/** The diffID of a tar with nothing in it: two blocks of zeros. */
export const emptyLayer: Digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
