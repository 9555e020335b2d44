import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, hexOf } from '#oci/digest.ts';

/**
 * Where a driver keeps things.
 *
 *     <root>/
 *     ├── layers/<hex>          one layer, whole: named by its diffID
 *     ├── ingest/<id>           one being written; emptied at boot
 *     ├── snapshots/<key>/      upper, work: work is made last
 *     ├── empty, empty2         lower layers of a stack that has none
 *     ├── staging/              where older kernels mount for a moment
 *     ├── mounts/<hex>          where they have the erofs layers in use
 *     └── trash/                removed, to be freed in the background
 */
export class Places {
  readonly root: string;
  readonly empties: readonly string[];
  readonly staging: string;
  readonly trash: string;

  constructor(root: string) {
    this.root = root;
    this.empties = [join(root, 'empty'), join(root, 'empty2')];
    this.staging = join(root, 'staging');
    this.trash = join(root, 'trash');
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const folders = ['layers', 'ingest', 'snapshots'].map((name) => join(root, name));
    for (const folder of [...folders, ...this.empties, this.staging])
      mkdirSync(folder, { recursive: true, mode: 0o755 });
  }

  /** A layer's path as its record has it, relative to the root. */
  layerName(diffId: Digest): string {
    return join('layers', hexOf(diffId));
  }

  layer(name: string): string {
    return join(this.root, name);
  }

  ingest(id: string): string {
    return join(this.root, 'ingest', id);
  }

  snapshot(key: string): string {
    return join(this.root, 'snapshots', key);
  }

  upper(key: string): string {
    return join(this.snapshot(key), 'upper');
  }

  work(key: string): string {
    return join(this.snapshot(key), 'work');
  }

  /** What is in a folder: pairs of name and path. */
  list(folder: 'layers' | 'ingest' | 'snapshots'): readonly (readonly [name: string, path: string])[] {
    const path = join(this.root, folder);
    return readdirSync(path).map((name) => [name, join(path, name)]);
  }
}
