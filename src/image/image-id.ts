import { type Digest, digestOf } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';

/** A config as an image that is made here keeps it, and the id that it gives the image. */
export function rawConfigOf(config: ImageConfig): { readonly id: Digest; readonly rawConfig: string } {
  const rawConfig = JSON.stringify(config);
  return { id: digestOf(rawConfig), rawConfig };
}
