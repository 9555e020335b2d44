import type { ImageDeleteResponseItem } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { imagePath } from './image-path.ts';

/** Removes a name of an image, and with its last name the image. */
export function removeImage(
  daemon: Daemon,
  name: string,
  options: { force?: boolean; noprune?: boolean; platforms?: readonly string[] } = {},
): Promise<readonly ImageDeleteResponseItem[]> {
  return daemon.json({ method: 'DELETE', path: `/images/${imagePath(name)}`, query: options });
}
