import type { HistoryResponseItem } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { imagePath } from './image-path.ts';

/** The steps that made an image, last first. */
export function imageHistory(
  daemon: Daemon,
  name: string,
  options: { platform?: string } = {},
): Promise<readonly HistoryResponseItem[]> {
  return daemon.json({ method: 'GET', path: `/images/${imagePath(name)}/history`, query: options });
}
