import { isIndexType, isManifestType, manifestTypes } from '#oci/media-types.ts';

/**
 * Whether a client takes a manifest of some type. One that says nothing of manifests takes any.
 *
 * @param accept the `Accept` headers, joined
 */
export function accepts(accept: string | undefined, mediaType: string): boolean {
  if (accept === undefined || accept.includes(mediaType) || accept.includes('*/*')) return true;
  return accept.includes('application/*') || !manifestTypes.some((type) => accept.includes(type));
}

/** Whether an image is to stand in for its index: by clients that know images alone. */
export const wantsImage = (accept: string | undefined, mediaType: string): boolean =>
  isIndexType(mediaType) &&
  !accepts(accept, mediaType) &&
  manifestTypes.some((type) => isManifestType(type) && accepts(accept, type));
