import type { FileInfo, FileSource } from '#archive/file-source.ts';
import type { IgnorePatterns } from '#archive/path-pattern.ts';
import { type ByteString, type EntryTime, joinNames, parentOf, shownName } from '#archive/tar-entry.ts';
import { endOfTar, headerOf, paddingFor } from '#archive/write-tar.ts';
import { invalid } from '#base/errors.ts';
import { archiveMembers } from './archive-members.ts';
import type { ModeChange } from './chmod.ts';
import type { CopyRequest } from './copy.ts';
import { LayerPaths } from './layer-paths.ts';
import type { Owner } from './owner.ts';
import { type FoundSource, walk } from './sources.ts';

type TreeSource = FoundSource & { readonly kind: 'tree' };
type BytesSource = FoundSource & { readonly kind: 'bytes' };

/** Small members go out together in pieces of this size. */
const pieceSize = 1 << 20;

interface Writing {
  readonly request: CopyRequest;
  readonly sources: readonly FoundSource[];
  readonly root: FileSource | undefined;
  readonly exclude: IgnorePatterns;
  /** Of `--chown`; undefined: each file's own, which in a context is root. */
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
}

/**
 * The layer of a copy: what it brings, and the directories above, which stay what they are where they are there.
 *
 * @see BuildKit, solver/llbsolver/file and tonistiigi/fsutil/copy, whose rules these are
 */
export function layerOf(writing: Writing): AsyncIterable<Uint8Array> {
  return inPieces(members(writing));
}

async function* members(writing: Writing): AsyncGenerator<Uint8Array> {
  const { request, sources, root, owner = rootOwner } = writing;
  const layer = new LayerPaths({ root, owner, epoch: request.epoch });
  if (sources.length > 0) {
    const destination = layer.destination(request);
    const isDirectory = isDirectoryDestination(request, destination, layer, sources);
    const place = { layer, destination, isDirectory };
    for (const source of sources) {
      if (source.kind === 'tree') yield* treeMembers(writing, source, place);
      else if (source.kind === 'bytes') yield* bytesMember(writing, source, place);
      else {
        yield* layer.directories(destination);
        yield* archiveMembers(source.open(), { layer, destination, epoch: request.epoch });
      }
    }
  }
  yield endOfTar;
}

const rootOwner: Owner = { uid: 0, gid: 0 };

/** Where things go. */
interface Place {
  readonly layer: LayerPaths;
  readonly destination: ByteString;
  /** Whether what is copied goes into the destination, by its name, or becomes it. */
  readonly isDirectory: boolean;
}

function isDirectoryDestination(
  { destination, parents, kind }: CopyRequest,
  path: ByteString,
  layer: LayerPaths,
  sources: readonly FoundSource[],
): boolean {
  if (parents || namesDirectory(destination) || layer.isDirectory(path)) return true;
  const isFile = (source: FoundSource) => source.kind !== 'tree' || source.info.type !== 'directory';
  if (sources.length > 1 && sources.some(isFile)) throw needsDirectory(kind);
  return false;
}

/** Whether a destination says by its form that it is a directory. */
export const namesDirectory = (destination: string): boolean => /(^|\/)\.{0,2}$/.test(destination);

export const needsDirectory = (kind: string): Error =>
  invalid(
    `When using ${kind} with more than one source file, the destination must be a directory and end with a /`,
  );

async function* bytesMember(
  { request, owner, mode }: Writing,
  source: BytesSource,
  { layer, destination, isDirectory }: Place,
): AsyncGenerator<Uint8Array> {
  if (isDirectory && source.name === '') throw invalid(`cannot determine filename from url: ${source.word}`);
  const path = isDirectory ? joinNames(destination, source.name) : destination;
  yield* layer.directories(parentOf(path));
  layer.checkFile(path);
  const modified = Math.min(source.modified ?? request.epoch, request.epoch);
  yield headerOf({
    ...{ name: path, type: 'file', size: source.size },
    mode: mode?.(source.mode, false) ?? source.mode,
    ...(owner ?? rootOwner),
    modified: { seconds: modified, nanoseconds: 0 },
  });
  yield* source.open();
  yield paddingFor(source.size);
}

async function* treeMembers(writing: Writing, source: TreeSource, place: Place): AsyncGenerator<Uint8Array> {
  const { layer, destination, isDirectory } = place;
  const { files, path, info, beneath, name } = source;
  if (beneath !== undefined) yield* sourceParents(writing, source, place);
  if (info.type !== 'directory') {
    if (writing.exclude.ignores(shownName(beneath ?? name))) return;
    const to = joinNames(destination, beneath ?? (isDirectory ? name : ''));
    yield* layer.directories(parentOf(to));
    yield* fileMember(writing, layer, source, { from: path, to, info });
    return;
  }
  const base = joinNames(destination, beneath ?? '');
  // the content of a directory is copied, not itself
  if (beneath === undefined || base === destination) yield* layer.directories(base);
  else yield* layer.directory(base, changed(writing, info, source));
  for (const [inner, found] of walk(files, path, writing.exclude, beneath)) {
    const [from, to] = [joinNames(path, inner), joinNames(base, inner)];
    yield* leftOut(writing, source, { layer, base, directory: parentOf(inner) });
    if (found.type === 'directory') yield* layer.directory(to, changed(writing, found, source));
    else yield* fileMember(writing, layer, source, { from, to, info: found });
  }
}

/** A directory that is left out, but for something in it: it and those above are as in the source. */
function* leftOut(
  writing: Writing,
  source: TreeSource,
  at: { readonly layer: LayerPaths; readonly base: ByteString; readonly directory: ByteString },
): Generator<Uint8Array> {
  const { layer, base, directory } = at;
  const to = joinNames(base, directory);
  if (layer.has(to)) return;
  yield* leftOut(writing, source, { ...at, directory: parentOf(directory) });
  const info = source.files.find(joinNames(source.path, directory));
  if (info !== undefined) yield* layer.directory(to, changed(writing, info, source));
}

/** `--parents`: directories between the pivot and the source, as they are in its tree. */
function* sourceParents(
  writing: Writing,
  source: TreeSource,
  { layer, destination }: Place,
): Generator<Uint8Array> {
  yield* layer.directories(destination);
  const parts = (source.beneath ?? '').split('/').slice(0, -1);
  const above = source.path.split('/').slice(0, -1 - parts.length);
  for (let count = 1; count <= parts.length; count += 1) {
    const inner = parts.slice(0, count);
    const to = joinNames(destination, inner.join('/'));
    const info = source.files.find([...above, ...inner].join('/'));
    if (info?.type === 'directory' && !layer.has(to))
      yield* layer.directory(to, changed(writing, info, source));
  }
}

/** A file as the layer has it: with the owner and mode that were asked for, at a time that is not too late. */
function changed({ owner, mode, request }: Writing, info: FileInfo, source: TreeSource): FileInfo {
  const permissions =
    info.type === 'symlink' ? info.mode : (mode?.(info.mode, info.type === 'directory') ?? info.mode);
  return { ...info, mode: permissions, ...owner, modified: timeOf(info, source, request.epoch) };
}

async function* fileMember(
  writing: Writing,
  layer: LayerPaths,
  source: TreeSource,
  { from, to, info }: { readonly from: ByteString; readonly to: ByteString; readonly info: FileInfo },
): AsyncGenerator<Uint8Array> {
  layer.checkFile(to);
  const { identity, ...entry } = changed(writing, info, source);
  const first = identity === undefined ? undefined : layer.firstName(identity, to);
  if (first !== undefined) {
    if (first !== to) yield headerOf({ ...entry, name: to, type: 'hardLink', linkName: first, size: 0 });
    return;
  }
  yield headerOf({ ...entry, name: to });
  if (info.type !== 'file') return;
  yield* source.files.open(from);
  yield paddingFor(info.size);
}

function timeOf(info: FileInfo, { keepsTimes }: TreeSource, epoch: number): EntryTime {
  if (keepsTimes && info.modified.seconds < epoch) return info.modified;
  return { seconds: epoch, nanoseconds: 0 };
}

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
