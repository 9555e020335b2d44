import { readTar } from '#archive/read-tar.ts';
import {
  type ByteString,
  type EntryTime,
  type EntryType,
  joinNames,
  type PlacedEntry,
  parentOf,
} from '#archive/tar-entry.ts';
import { headerOf, type NewEntry, paddingFor } from '#archive/write-tar.ts';
import { invalid } from '#base/errors.ts';
import { uncompressed } from '../context/uncompressed.ts';
import { checkName, type LayerPaths } from './layer-paths.ts';
import { type LinkTree, resolvePath } from './resolve-path.ts';

const zeros: Buffer = Buffer.alloc(1 << 16);

/**
 * An archive's members beneath a destination, whatever their names and links say: the destination is their root, as
 * dockerd unpacks them. They keep the owners and modes that they have.
 */
export async function* archiveMembers(
  archive: AsyncIterable<Uint8Array>,
  {
    layer,
    destination,
    epoch,
  }: {
    readonly layer: LayerPaths;
    readonly destination: ByteString;
    /** Seconds: no time is later. */
    readonly epoch: number;
  },
): AsyncGenerator<Uint8Array> {
  const tree = new Unpacked(layer, destination);
  for await (const { entry, body } of readTar(uncompressed(archive))) {
    const inner = tree.place(entry.name);
    if (inner === '') continue;
    const path = joinNames(destination, inner);
    const modified = notAfter(entry.modified, epoch);
    yield* layer.directories(parentOf(path), unspoken(epoch));
    checkName(path);
    if (entry.type === 'directory') {
      tree.note(inner, entry);
      yield* layer.archivedDirectory(path, { ...entry, modified });
      continue;
    }
    layer.forget(path);
    yield headerOf({ ...headerFields(entry, tree, destination), name: path, modified });
    tree.note(inner, entry);
    if (entry.type !== 'file') continue;
    yield* whole(entry, body);
    yield paddingFor(entry.size);
  }
}

/** Directories that no member speaks of are root's. */
const unspoken = (epoch: number) => ({
  ...{ mode: 0o755, uid: 0, gid: 0, xattrs: new Map() },
  modified: { seconds: epoch, nanoseconds: 0 },
});

function headerFields(entry: PlacedEntry, tree: Unpacked, destination: ByteString): NewEntry {
  const { name, type, mode, uid, gid, size, linkName, major, minor, xattrs } = entry;
  const fields = { name, type, mode, uid, gid, size, linkName, major, minor, xattrs };
  return type === 'hardLink' ? { ...fields, linkName: joinNames(destination, tree.place(linkName)) } : fields;
}

const notAfter = (time: EntryTime, epoch: number): EntryTime =>
  time.seconds < epoch ? time : { seconds: epoch, nanoseconds: 0 };

/** What links the members made beneath the destination, on top of what was there. */
class Unpacked implements LinkTree {
  readonly #layer: LayerPaths;
  readonly #destination: ByteString;
  /** What members made of names that were or are links. */
  readonly #links = new Map<ByteString, { readonly type: EntryType; readonly linkName: ByteString }>();

  constructor(layer: LayerPaths, destination: ByteString) {
    this.#layer = layer;
    this.#destination = destination;
  }

  find(path: ByteString): { readonly type: EntryType; readonly linkName: ByteString } | undefined {
    return this.#links.get(path) ?? this.#layer.find(joinNames(this.#destination, path));
  }

  /** Where a member goes: links above it are followed, it itself is none. */
  place(name: ByteString): ByteString {
    if (name.includes('\0')) throw invalid('a NUL in the name of an entry of the archive');
    // a `..` leads above what was written before it, whatever that is, as Go's filepath.Clean has it
    const parts: ByteString[] = [];
    for (const part of name.split('/'))
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    return resolvePath(this, parts.join('/'), false);
  }

  note(path: ByteString, { type, linkName }: PlacedEntry): void {
    if (type === 'symlink' || this.find(path)?.type === 'symlink') this.#links.set(path, { type, linkName });
  }
}

/** A file's bytes; a sparse one's holes as zeros. */
async function* whole(entry: PlacedEntry, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { sparse, size } = entry;
  if (sparse === undefined) {
    yield* body;
    return;
  }
  let at = 0;
  let [segment, done] = [0, 0];
  for await (const chunk of body)
    for (let from = 0; from < chunk.length; ) {
      const { offset, length } = sparse[segment]!;
      if (done === 0) yield* hole(offset - at);
      const part = chunk.subarray(from, from + length - done);
      yield part;
      from += part.length;
      done += part.length;
      at = offset + done;
      if (done === length) [segment, done] = [segment + 1, 0];
    }
  yield* hole(size - at);
}

function* hole(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}
