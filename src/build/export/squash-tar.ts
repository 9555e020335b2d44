import { readTar } from '#archive/read-tar.ts';
import type { ByteString, PlacedEntry } from '#archive/tar-entry.ts';
import { endOfTar, headerOf, paddingFor } from '#archive/write-tar.ts';

type LayerTar = () => AsyncIterable<Uint8Array>;

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/**
 * Layers, bottom first, as one. Read twice: what hides what is known before anything is written.
 *
 * Whiteouts stay: they may hide files of the layers beneath. A hard link whose target a later layer replaced is written
 * as what it was, since the tar of its own layer is where its bytes are.
 */
export async function* squashTar(layers: readonly LayerTar[]): AsyncGenerator<Uint8Array> {
  const last = await lastWriters(layers);
  for (const [index, open] of layers.entries()) {
    for await (const { entry, body } of readTar(open())) {
      const path = pathOf(entry);
      if (last.get(path) !== index) continue;
      yield headerOf({ ...entry, size: entry.type === 'file' ? entry.storedSize : 0 });
      if (entry.type !== 'file') continue;
      yield* body;
      yield paddingFor(entry.storedSize);
    }
  }
  yield endOfTar;
}

/** Which layer's entry of each path counts. */
async function lastWriters(layers: readonly LayerTar[]): Promise<ReadonlyMap<ByteString, number>> {
  const last = new Map<ByteString, number>();
  for (const [index, open] of layers.entries())
    for await (const { entry } of readTar(open())) {
      const path = pathOf(entry);
      const [directory, name] = cut(path);
      if (name === opaque) forgetBeneath(last, directory, index);
      else if (name.startsWith(whiteout)) forget(last, join(directory, name.slice(whiteout.length)), index);
      else {
        last.delete(join(directory, `${whiteout}${name}`));
        if (entry.type !== 'directory') forgetBeneath(last, path, index);
      }
      last.set(path, index);
    }
  return last;
}

function forget(last: Map<ByteString, number>, path: ByteString, before: number): void {
  if ((last.get(path) ?? before) < before) last.delete(path);
  forgetBeneath(last, path, before);
}

function forgetBeneath(last: Map<ByteString, number>, directory: ByteString, before: number): void {
  for (const [path, index] of last) if (index < before && path.startsWith(`${directory}/`)) last.delete(path);
}

const pathOf = ({ name }: PlacedEntry): ByteString => name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');

function cut(path: ByteString): [ByteString, ByteString] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)];
}

const join = (directory: ByteString, name: ByteString): ByteString =>
  directory === '' ? name : `${directory}/${name}`;
