import { posix } from 'node:path';
import type { FileInfo, FileSource } from '#archive/file-source.ts';
import type { IgnorePatterns } from '#archive/path-pattern.ts';
import { readTar } from '#archive/read-tar.ts';
import { type ByteString, type EntryTime, fromText, noXattrs, shownName } from '#archive/tar-entry.ts';
import { endOfTar, headerOf, type NewEntry, paddingFor } from '#archive/write-tar.ts';
import { invalid } from '#base/errors.ts';
import { decompressedByAny } from './archives.ts';
import type { ModeChange } from './chmod.ts';
import type { CopyRequest } from './copy.ts';
import type { Owner } from './owner.ts';
import { resolvePath } from './resolve-path.ts';
import { type FoundSource, walk } from './sources.ts';

/** Small members go out together in pieces of this size. */
const pieceSize = 1 << 20;

interface Writing {
  readonly request: CopyRequest;
  readonly sources: readonly FoundSource[];
  readonly root: FileSource | undefined;
  readonly exclude: IgnorePatterns;
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
}

/** The layer of a copy: what it brings, and the directories above, which stay what they are where they are there. */
export function layerOf(writing: Writing): AsyncIterable<Uint8Array> {
  return inPieces(members(writing));
}

async function* members(writing: Writing): AsyncGenerator<Uint8Array> {
  const { request, sources } = writing;
  const layer = new LayerPaths(writing);
  const destination = layer.destination();
  const isDirectory = isDirectoryDestination(request, destination, layer, sources);
  for (const source of sources) {
    if (source.kind === 'tree') yield* treeMembers(writing, layer, source, { destination, isDirectory });
    else if (source.kind === 'archive') {
      yield* layer.directories(destination);
      yield* archiveMembers(writing, layer, source, destination);
    } else {
      const path = isDirectory ? join(destination, source.name) : destination;
      yield* layer.directories(parentOf(path));
      layer.checkFile(path);
      const modified =
        source.modified === undefined ? request.epoch : Math.min(source.modified, request.epoch);
      yield headerOf({
        name: path,
        type: 'file',
        size: source.size,
        mode: writing.mode?.(source.mode, false) ?? source.mode,
        ...(writing.owner ?? rootOwner),
        modified: { seconds: modified, nanoseconds: 0 },
      });
      yield* source.open();
      yield paddingFor(source.size);
    }
  }
  yield endOfTar;
}

const rootOwner: Owner = { uid: 0, gid: 0 };

/** Whether what is copied goes into the destination, by its name, or becomes it. */
function isDirectoryDestination(
  { destination, parents, sources: words }: CopyRequest,
  path: ByteString,
  layer: LayerPaths,
  sources: readonly FoundSource[],
): boolean {
  if (parents || /(^|\/)\.{0,2}$/.test(destination)) return true;
  if (layer.find(path)?.type === 'directory') return true;
  if (sources.length > 1 || words.length > 1)
    throw invalid(
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
    );
  return false;
}

async function* treeMembers(
  writing: Writing,
  layer: LayerPaths,
  source: FoundSource & { readonly kind: 'tree' },
  { destination, isDirectory }: { readonly destination: ByteString; readonly isDirectory: boolean },
): AsyncGenerator<Uint8Array> {
  const { files, path, info, beneath } = source;
  const isTree = info.type === 'directory';
  const base =
    beneath !== undefined
      ? join(destination, beneath)
      : isTree || !isDirectory
        ? destination
        : join(destination, source.name);
  if (beneath !== undefined) yield* sourceParents(writing, layer, source, destination);
  if (!isTree) {
    if (!writing.exclude.isEmpty && writing.exclude.ignores(shownName(source.name))) return;
    yield* layer.directories(parentOf(base));
    yield* fileMember(writing, layer, source, { from: path, to: base, info });
    return;
  }
  yield* layer.directories(parentOf(base));
  yield* layer.directory(base, info, source);
  for (const [inner, found] of walk(files, path, writing.exclude)) {
    const [from, to] = [join(path, inner), join(base, inner)];
    if (found.type === 'directory') {
      yield* layer.directories(parentOf(to));
      yield* layer.directory(to, found, source);
    } else {
      yield* layer.directories(parentOf(to));
      yield* fileMember(writing, layer, source, { from, to, info: found });
    }
  }
}

/** `--parents`: directories between the pivot and the source, as they are in its tree. */
async function* sourceParents(
  _writing: Writing,
  layer: LayerPaths,
  { files, path, beneath = '', ...source }: FoundSource & { readonly kind: 'tree' },
  destination: ByteString,
): AsyncGenerator<Uint8Array> {
  yield* layer.directories(destination);
  const parts = beneath.split('/').slice(0, -1);
  const above = path.split('/').slice(0, -1 - parts.length);
  for (let count = 1; count <= parts.length; count += 1) {
    const inner = parts.slice(0, count);
    const info = files.find([...above, ...inner].filter((part) => part !== '').join('/'));
    const to = join(destination, inner.join('/'));
    if (info?.type === 'directory') yield* layer.directory(to, info, { files, path, beneath, ...source });
  }
}

async function* fileMember(
  { request, owner, mode }: Writing,
  layer: LayerPaths,
  source: FoundSource & { readonly kind: 'tree' },
  { from, to, info }: { readonly from: ByteString; readonly to: ByteString; readonly info: FileInfo },
): AsyncGenerator<Uint8Array> {
  layer.checkFile(to);
  const { identity, ...entry } = info;
  const header: NewEntry = {
    ...entry,
    name: to,
    mode: info.type === 'symlink' ? info.mode : (mode?.(info.mode, false) ?? info.mode),
    ...(owner ?? rootOwner),
    modified: timeOf(info, source, request.epoch),
  };
  const first = identity === undefined ? undefined : layer.firstName(identity, to);
  if (first !== undefined) {
    yield headerOf({ ...header, type: 'hardLink', linkName: first, size: 0 });
    return;
  }
  yield headerOf(header);
  if (info.type !== 'file') return;
  yield* source.files.open(from);
  yield paddingFor(info.size);
}

function timeOf(
  info: FileInfo,
  { keepsTimes }: FoundSource & { readonly kind: 'tree' },
  epoch: number,
): EntryTime {
  if (keepsTimes && info.modified.seconds < epoch) return info.modified;
  return { seconds: epoch, nanoseconds: 0 };
}

/** An archive's members beneath the destination, whatever their names say. */
async function* archiveMembers(
  { request, owner, mode }: Writing,
  layer: LayerPaths,
  source: FoundSource & { readonly kind: 'archive' },
  destination: ByteString,
): AsyncGenerator<Uint8Array> {
  for await (const { entry, body } of readTar(decompressedByAny(source.open()))) {
    const inner = contained(entry.name);
    if (inner === '') continue;
    const path = join(destination, inner);
    const { seconds } = entry.modified;
    const { sparse: _, ...kept } = entry;
    const header: NewEntry = {
      ...kept,
      name: entry.type === 'directory' ? `${path}/` : path,
      mode:
        entry.type === 'symlink'
          ? entry.mode
          : (mode?.(entry.mode, entry.type === 'directory') ?? entry.mode),
      ...(owner ?? {}),
      ...(entry.type === 'hardLink' ? { linkName: join(destination, contained(entry.linkName)) } : {}),
      modified: seconds < request.epoch ? entry.modified : { seconds: request.epoch, nanoseconds: 0 },
    };
    if (entry.sparse !== undefined)
      throw invalid(`sparse files in archives of ADD are not supported: ${shownName(entry.name)}`);
    yield* layer.directories(parentOf(path));
    if (entry.type === 'directory') layer.noteDirectory(path);
    yield headerOf(header);
    if (entry.type !== 'file') continue;
    yield* body;
    yield paddingFor(entry.size);
  }
}

const contained = (name: ByteString): ByteString =>
  posix.normalize(posix.join('/', name)).replace(/^\/+|\/+$/g, '');

/** Where things go in the layer, on top of the root that it is for. */
class LayerPaths {
  readonly #writing: Writing;
  /** Directories that the layer has, and whether the root had them before. */
  readonly #directories = new Map<ByteString, 'new' | 'old'>([['', 'old']]);
  readonly #first = new Map<string, ByteString>();

  constructor(writing: Writing) {
    this.#writing = writing;
  }

  /** The destination, links followed, relative to the root. */
  destination(): ByteString {
    const { request, root } = this.#writing;
    const path = posix.resolve(request.workingDirectory, request.destination);
    const bytes = fromText(path.slice(1));
    return root === undefined ? bytes : resolvePath(root, bytes);
  }

  find(path: ByteString): FileInfo | undefined {
    return this.#writing.root?.find(path);
  }

  /** @returns the name under which this file came before; otherwise remembers this one */
  firstName(identity: string, path: ByteString): ByteString | undefined {
    const before = this.#first.get(identity);
    if (before === undefined) this.#first.set(identity, path);
    return before;
  }

  noteDirectory(path: ByteString): void {
    if (!this.#directories.has(path)) this.#directories.set(path, 'new');
  }

  /** A file may not take a directory's place. */
  checkFile(path: ByteString): void {
    if (this.#directories.get(parentOf(path)) === 'new') return;
    if (this.find(path)?.type === 'directory')
      throw invalid(`cannot replace to directory ${JSON.stringify(`/${shownName(path)}`)} with file`);
  }

  /** A directory and those above it: as they are in the root, else made. */
  *directories(path: ByteString): Generator<Uint8Array> {
    if (this.#directories.has(path)) return;
    yield* this.directories(parentOf(path));
    const there = this.#there(path);
    const { owner, request } = this.#writing;
    const made = { mode: 0o755, ...(owner ?? rootOwner), xattrs: noXattrs };
    yield this.#header(path, there ?? { ...made, modified: { seconds: request.epoch, nanoseconds: 0 } });
    this.#directories.set(path, there === undefined ? 'new' : 'old');
  }

  /** A directory that is copied: one that is there stays what it is. */
  *directory(
    path: ByteString,
    info: FileInfo,
    source: FoundSource & { readonly kind: 'tree' },
  ): Generator<Uint8Array> {
    if (this.#directories.has(path)) return;
    const there = this.#there(path);
    if (there !== undefined) {
      yield* this.directories(path);
      return;
    }
    const { owner, mode, request } = this.#writing;
    yield this.#header(path, {
      ...info,
      mode: mode?.(info.mode, true) ?? info.mode,
      ...(owner ?? rootOwner),
      modified: timeOf(info, source, request.epoch),
    });
    this.#directories.set(path, 'new');
  }

  #there(path: ByteString): FileInfo | undefined {
    if (this.#directories.get(parentOf(path)) === 'new') return undefined;
    const there = this.find(path);
    if (there !== undefined && there.type !== 'directory')
      throw invalid(`cannot copy to non-directory: ${JSON.stringify(`/${shownName(path)}`)}`);
    return there;
  }

  #header(
    path: ByteString,
    info: Pick<FileInfo, 'mode' | 'uid' | 'gid' | 'xattrs' | 'modified'>,
  ): Uint8Array {
    const { mode, uid, gid, xattrs, modified } = info;
    return headerOf({ name: `${path}/`, type: 'directory', mode, uid, gid, xattrs, modified });
  }
}

const join = (directory: ByteString, name: ByteString): ByteString =>
  directory === '' ? name : name === '' ? directory : `${directory}/${name}`;

const parentOf = (path: ByteString): ByteString => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of source) {
    held.push(bytes);
    size += bytes.length;
    if (size < pieceSize) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}
