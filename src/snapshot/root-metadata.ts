import { chmodSync, chownSync } from 'node:fs';
import { toBytes } from '#archive/tar-entry.ts';
import { EngineError } from '#base/errors.ts';
import { setXattr } from '#linux/index.ts';
import { isReservedXattr } from './layer-path.ts';
import type { LayerNode } from './layer-tree.ts';
import type { RootMetadata, StoredLayer } from './records.ts';

export const rootMetadataOf = (root: Pick<LayerNode, 'mode' | 'uid' | 'gid' | 'xattrs'>): RootMetadata => ({
  mode: root.mode,
  uid: root.uid,
  gid: root.gid,
  xattrs: [...root.xattrs]
    .filter(([name]) => !isReservedXattr(name))
    .map(([name, value]) => [name, value.toString('base64')]),
});

/**
 * Gives a new upper directory what the merged root beneath it has: overlayfs shows the topmost's, which is now this one.
 * Where no layer speaks of the root, 0755 and root's.
 */
export function inheritRoot(upper: string, layers: readonly StoredLayer[]): void {
  const root = layers.findLast((layer) => layer.root !== undefined)?.root;
  chownSync(upper, root?.uid ?? 0, root?.gid ?? 0);
  chmodSync(upper, root?.mode ?? 0o755);
  for (const [name, value] of root?.xattrs ?? []) {
    try {
      setXattr(upper, toBytes(name), Buffer.from(value, 'base64'));
    } catch (error) {
      if (!(error instanceof EngineError) || error.errno !== 95) throw error; // EOPNOTSUPP: the file system has none
    }
  }
}
