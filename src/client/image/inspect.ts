import type { ImageInspect } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { imagePath } from './image-path.ts';

/** Everything about one image. */
export function inspectImage(
  daemon: Daemon,
  name: string,
  options: { platform?: string } = {},
): Promise<ImageInspect> {
  return daemon.json({ method: 'GET', path: `/images/${imagePath(name)}/json`, query: options });
}
