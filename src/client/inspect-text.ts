import type { Query } from './call.ts';
import type { Daemon } from './daemon.ts';
import { imagePath } from './image/image-path.ts';

export type InspectedKind = 'container' | 'image' | 'network' | 'volume';

/** What the daemon knows of one thing, as it wrote it: for those who show it rather than use it. */
export async function inspectText(
  daemon: Daemon,
  { kind, name, query = {} }: { kind: InspectedKind; name: string; query?: Query },
): Promise<string> {
  const path = {
    container: () => `/containers/${encodeURIComponent(name)}/json`,
    image: () => `/images/${imagePath(name)}/json`,
    network: () => `/networks/${encodeURIComponent(name)}`,
    volume: () => `/volumes/${encodeURIComponent(name)}`,
  }[kind]();
  return (await daemon.call({ method: 'GET', path, query })).text();
}
