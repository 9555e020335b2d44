import { readTar } from '#archive/read-tar.ts';
import { type ByteString, joinNames, type PlacedEntry } from '#archive/tar-entry.ts';
import { endOfTar, headerOf, type NewEntry, paddingFor } from '#archive/write-tar.ts';
import { invalid } from '#base/errors.ts';

type LayerTar = () => AsyncIterable<Uint8Array>;

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/** What of layers is left when they are one. */
interface Survivors {
  /** Which layer's entry of each path counts. */
  readonly last: ReadonlyMap<ByteString, number>;
  /** By layer: files that do not count, but have names that do, the first of which takes the bytes. */
  readonly renamed: readonly ReadonlyMap<ByteString, ByteString>[];
}

/**
 * Layers, bottom first, as one. Read twice: what hides what is known before anything is written.
 *
 * Whiteouts stay: they may hide files of the layers beneath. Where a later layer took a file's place, but not that of its
 * hard links, the first of those becomes the file.
 */
export async function* squashTar(layers: readonly LayerTar[]): AsyncGenerator<Uint8Array> {
  const { last, renamed } = await survivorsOf(layers);
  for (const [index, open] of layers.entries()) {
    const names = renamed[index]!;
    for await (const { entry, body } of readTar(open())) {
      const kept = keptEntry(entry, { counts: last.get(pathOf(entry)) === index, names });
      if (kept === undefined) continue;
      yield headerOf(kept);
      if (kept.type !== 'file') continue;
      yield* body;
      yield paddingFor(entry.storedSize);
    }
  }
  yield endOfTar;
}

function keptEntry(
  entry: PlacedEntry,
  { counts, names }: { readonly counts: boolean; readonly names: ReadonlyMap<ByteString, ByteString> },
): NewEntry | undefined {
  if (entry.sparse !== undefined) throw invalid('sparse files cannot be squashed');
  const { sparse: _, ...plain } = entry;
  const path = pathOf(entry);
  if (entry.type === 'file' && !counts) {
    const name = names.get(path);
    return name === undefined ? undefined : { ...plain, name };
  }
  if (!counts) return undefined;
  if (entry.type !== 'hardLink') return plain;
  const target = names.get(normal(entry.linkName));
  if (target === undefined) return plain;
  return target === path ? undefined : { ...plain, linkName: target };
}

async function survivorsOf(layers: readonly LayerTar[]): Promise<Survivors> {
  const last = new Map<ByteString, number>();
  const links: [layer: number, path: ByteString, target: ByteString][] = [];
  for (const [index, open] of layers.entries())
    for await (const { entry } of readTar(open())) {
      const path = pathOf(entry);
      note(last, path, entry, index);
      if (entry.type === 'hardLink') links.push([index, path, normal(entry.linkName)]);
    }
  const renamed = layers.map(() => new Map<ByteString, ByteString>());
  for (const [index, path, target] of links) {
    const needsName = last.get(path) === index && last.get(target) !== index;
    if (needsName && !renamed[index]!.has(target)) renamed[index]!.set(target, path);
  }
  return { last, renamed };
}

/** Takes an entry in: what it hides of the layers below counts no more. */
function note(last: Map<ByteString, number>, path: ByteString, entry: PlacedEntry, index: number): void {
  const [directory, name] = cut(path);
  if (name === opaque) forgetBeneath(last, directory, index);
  else if (name.startsWith(whiteout)) forget(last, joinNames(directory, name.slice(whiteout.length)), index);
  else {
    last.delete(joinNames(directory, `${whiteout}${name}`));
    if (entry.type !== 'directory') forgetBeneath(last, path, index);
  }
  last.set(path, index);
}

function forget(last: Map<ByteString, number>, path: ByteString, before: number): void {
  if ((last.get(path) ?? before) < before) last.delete(path);
  forgetBeneath(last, path, before);
}

function forgetBeneath(last: Map<ByteString, number>, directory: ByteString, before: number): void {
  for (const [path, index] of last) if (index < before && path.startsWith(`${directory}/`)) last.delete(path);
}

const normal = (name: ByteString): ByteString => name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
const pathOf = ({ name }: PlacedEntry): ByteString => normal(name);

function cut(path: ByteString): [ByteString, ByteString] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)];
}
