import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '#state/paths.ts';
import { lackingMountPoints } from '../spec/mounts.ts';

/**
 * Makes what every container mounts over, once for all of them. It lies beneath all layers: where an image has something
 * of its own, or a link, that counts.
 */
export function makeMountPoints({ mountPoints }: Pick<Paths, 'mountPoints'>): void {
  const { directories, files } = lackingMountPoints;
  for (const directory of ['/', ...directories].map((path) => join(mountPoints, path))) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o755);
  }
  for (const file of files.map((path) => join(mountPoints, path))) {
    writeFileSync(file, '');
    chmodSync(file, 0o644);
  }
}
