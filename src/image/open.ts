import { unsupported } from '#base/errors.ts';
import type { Images, ImagesOptions } from './images.ts';

/** Opens the images of an engine: what a crash left half-made is finished or undone first. */
export async function openImages(_options: ImagesOptions): Promise<Images> {
  throw unsupported('images are not there yet');
}
