import { closeSync } from 'node:fs';
import type { ByteString } from '#archive/tar-entry.ts';
import { endOfTar, headerOf } from '#archive/write-tar.ts';
import { AT_FDCWD, O, openAt } from '#linux/index.ts';
import { openDirectory, statAt } from '../tree/live-file.ts';
import { packFile, type SeenLinks } from '../tree/pack.ts';
import type { UpperChange } from './changes.ts';

/**
 * Changes as a layer: each file that was added or modified, a `.wh.` entry for each that was deleted. The same tree
 * gives the same bytes. What has gone since the changes were listed is left out.
 *
 * @param latest seconds: a later time is written as this one
 * @see OCI image-spec, layer.md § Representing Changes
 */
export async function* tarOf(
  upper: string,
  changes: readonly UpperChange[],
  latest?: number,
): AsyncGenerator<Uint8Array> {
  const root = openAt(AT_FDCWD, upper, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  const seen: SeenLinks = new Map();
  try {
    for (const { kind, path } of changes) {
      const cut = path.lastIndexOf('/');
      const [parent, name] = [path.slice(0, Math.max(cut, 0)), path.slice(cut + 1)];
      if (kind === 'deleted')
        yield headerOf({ name: `${path.slice(0, cut + 1)}.wh.${name}`, type: 'file', mode: 0 });
      else yield* packChange(root, { parent, name, path }, { seen, latest });
    }
    yield endOfTar;
  } finally {
    closeSync(root);
  }
}

async function* packChange(
  root: number,
  at: { readonly parent: ByteString; readonly name: ByteString; readonly path: ByteString },
  options: { readonly seen: SeenLinks; readonly latest: number | undefined },
): AsyncGenerator<Uint8Array> {
  const directory = openDirectory(root, at.parent);
  if (directory === undefined) return;
  try {
    const stat = statAt(directory, at.name);
    if (stat !== undefined) yield* packFile(directory, at.name, { stat, tarName: at.path, ...options });
  } finally {
    closeSync(directory);
  }
}
