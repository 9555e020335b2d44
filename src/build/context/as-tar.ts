import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { type ByteString, shownName } from '#archive/tar-entry.ts';
import { endOfTar, headerOf, type NewEntry, paddingFor } from '#archive/write-tar.ts';
import { notFound } from '#base/errors.ts';

/** Small members go out together in pieces of this size. */
const pieceSize = 1 << 20;

/**
 * The files of a source at and beneath a path as a tar that is the same for the same files: in order of their bytes, all
 * owned by root, all of one time. Names are relative to `path`, whose own directory is left out; a path that is no directory
 * gives one member of its last name. Further names of a file are hard links.
 *
 * @param epoch seconds: every time in it
 * @throws {EngineError} `notFound` when nothing is at the path; what reading throws
 */
export function contextAsTar(
  source: FileSource,
  path: ByteString = '',
  epoch = 0,
): AsyncIterable<Uint8Array> {
  return inPieces(members(source, path, epoch));
}

async function* members(source: FileSource, path: ByteString, epoch: number): AsyncGenerator<Uint8Array> {
  const info = source.find(path);
  if (info === undefined) throw notFound('file', shownName(path));
  const first = new Map<string, ByteString>();
  const member = (from: ByteString, name: ByteString, found: FileInfo) =>
    memberOf(source, { from, name, info: found, epoch, first });
  if (info.type !== 'directory') yield* member(path, path.slice(path.lastIndexOf('/') + 1), info);
  else
    for (const [name, found] of walk(source, path))
      yield* member(path === '' ? name : `${path}/${name}`, name, found);
  yield endOfTar;
}

/** All that is beneath a directory, each directory before what is in it. */
function* walk(source: FileSource, root: ByteString): Generator<readonly [ByteString, FileInfo]> {
  const ahead = source.list(root).toReversed().slice();
  while (ahead.length > 0) {
    const name = ahead.pop()!;
    const path = root === '' ? name : `${root}/${name}`;
    const info = source.find(path);
    if (info === undefined) continue;
    yield [name, info];
    if (info.type === 'directory')
      for (const child of source.list(path).toReversed()) ahead.push(`${name}/${child}`);
  }
}

async function* memberOf(
  source: FileSource,
  member: {
    readonly from: ByteString;
    readonly name: ByteString;
    readonly info: FileInfo;
    readonly epoch: number;
    /** First name of each file that has several. */
    readonly first: Map<string, ByteString>;
  },
): AsyncGenerator<Uint8Array> {
  const { from, info, epoch, first } = member;
  const { type, mode, size, linkName, major, minor, xattrs, identity } = info;
  const modified = { seconds: epoch, nanoseconds: 0 };
  const name = type === 'directory' ? `${member.name}/` : member.name;
  const before = identity === undefined ? undefined : first.get(identity);
  if (before !== undefined) {
    yield headerOf({ name, type: 'hardLink', mode, modified, linkName: before });
    return;
  }
  if (identity !== undefined) first.set(identity, member.name);
  const entry: NewEntry = { name, type, mode, size, modified, linkName, major, minor, xattrs };
  yield headerOf(entry);
  if (type !== 'file') return;
  yield* source.open(from);
  yield paddingFor(size);
}

async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    held.push(chunk);
    length += chunk.length;
    if (length < pieceSize) continue;
    yield held.length === 1 ? chunk : Buffer.concat(held, length);
    held = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(held, length);
}
