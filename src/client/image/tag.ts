import type { Daemon } from '../daemon.ts';
import { imagePath } from './image-path.ts';

/** Gives an image one more name. */
export async function tagImage(
  daemon: Daemon,
  name: string,
  target: { repo: string; tag: string },
): Promise<void> {
  await daemon.run({ method: 'POST', path: `/images/${imagePath(name)}/tag`, query: target });
}
