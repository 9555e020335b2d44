import { closeSync, fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import {
  type ByteString,
  type EntryTime,
  fromBytes,
  fromText,
  joinNames,
  type Segment,
  toBytes,
} from '#archive/tar-entry.ts';
import { endOfTar, headerOf, paddingFor } from '#archive/write-tar.ts';
import { EngineError, notFound } from '#base/errors.ts';
import { O, openAt, openBeneath, type Path } from '#linux/index.ts';
import { entryAt, type FileStat, isAbsent, namesIn, openDirectory, statAt } from './live-file.ts';

const chunkSize = 1 << 20;
const readAt = promisify(read);

/** Names that files with several links were packed under, by device and inode. */
export type SeenLinks = Map<string, ByteString>;

/**
 * The members for one file: its header and body, or a hard link to where it was packed before. Nothing when it has gone
 * meanwhile. A file that shrinks while it is read is filled up with zeros.
 */
export async function* packFile(
  directory: number,
  name: ByteString,
  options: {
    readonly stat: FileStat;
    readonly tarName: ByteString;
    readonly seen: SeenLinks;
    /** Seconds: a later time is written as this one. */
    readonly latest?: number | undefined;
  },
): AsyncGenerator<Uint8Array> {
  const { stat, tarName, seen, latest } = options;
  const found = entryAt(directory, name, stat, tarName);
  if (found === undefined) return;
  const entry = latest === undefined ? found : { ...found, modified: noLater(found.modified, latest) };
  const id = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1n && entry.type !== 'directory' ? seen.get(id) : undefined;
  if (first !== undefined) {
    yield headerOf({ ...entry, type: 'hardLink', linkName: first, size: 0 });
    return;
  }
  if (entry.type !== 'file') yield headerOf(entry);
  else {
    const fd = openFile(directory, name);
    if (fd === undefined) return;
    try {
      const size = fstatSync(fd).size;
      yield headerOf({ ...entry, size });
      yield* bytesOf(fd, { offset: 0, length: size });
      yield paddingFor(size);
    } finally {
      closeSync(fd);
    }
  }
  if (stat.nlink > 1n) seen.set(id, tarName);
}

const noLater = (time: EntryTime | undefined, latest: number): EntryTime =>
  time !== undefined && time.seconds < latest ? time : { seconds: latest, nanoseconds: 0 };

/** Opens a regular file for reading; undefined when it is none (any more). Never waits for a FIFO's other end. */
function openFile(directory: number, name: ByteString): number | undefined {
  try {
    const fd = openAt(directory, toBytes(name), O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    return undefined;
  } catch (error) {
    if (isAbsent(error) || (error instanceof EngineError && error.errno === 6)) return undefined; // ENXIO: a socket
    throw error;
  }
}

/** Just the bytes of a run, whatever happens to the file meanwhile. */
export async function* bytesOf(fd: number, { offset, length }: Segment): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, length - done));
    const { bytesRead } = await readAt(fd, buffer, 0, buffer.length, offset + done);
    if (bytesRead === 0) buffer.fill(0);
    const bytes = bytesRead === 0 ? buffer : buffer.subarray(0, bytesRead);
    done += bytes.length;
    yield bytes;
  }
}

/**
 * A tar of a file or tree beneath `root`, which may be hostile and changing: `docker cp` from a container.
 *
 * Links on the way to `path` are followed as if `root` were `/`; the file at its end is packed as it is, a link as a
 * link. `name` is what the top entry is called, the path's last component when absent; '' packs what is in the directory
 * without an entry for itself.
 *
 * @throws {EngineError} `notFound` when nothing is at `path`
 */
export async function* packTree(
  root: number,
  path: Path,
  options: { readonly name?: string } = {},
): AsyncGenerator<Uint8Array> {
  const bytes = typeof path === 'string' ? fromText(path) : fromBytes(path);
  const components = bytes.split('/').filter((component) => component !== '' && component !== '.');
  const last = components.pop() ?? '.';
  const parent = openParent(root, components.join('/'), path);
  try {
    const tarName = options.name === undefined ? last : fromText(options.name);
    const stat = statAt(parent, last);
    if (stat === undefined) throw missing(path);
    const seen: SeenLinks = new Map();
    if (tarName !== '') yield* packFile(parent, last, { stat, tarName, seen });
    if (stat.isDirectory()) yield* packChildren(parent, last, tarName, seen);
    yield endOfTar;
  } finally {
    closeSync(parent);
  }
}

function openParent(root: number, parent: ByteString, path: Path): number {
  try {
    return openBeneath(root, parent === '' ? '.' : toBytes(parent), O.RDONLY | O.DIRECTORY);
  } catch (error) {
    if (isAbsent(error)) throw missing(path);
    throw error;
  }
}

const missing = (path: Path): EngineError => notFound('file or directory', Buffer.from(path).toString());

/** Everything beneath a directory, each directory before what is in it. */
async function* packChildren(
  parent: number,
  path: ByteString,
  tarName: ByteString,
  seen: SeenLinks,
): AsyncGenerator<Uint8Array> {
  const directory = openDirectory(parent, path);
  if (directory === undefined) return;
  const inner: ByteString[] = [];
  try {
    for (const name of namesIn(directory)) {
      const stat = statAt(directory, name);
      if (stat === undefined) continue;
      yield* packFile(directory, name, { stat, tarName: joinNames(tarName, name), seen });
      if (stat.isDirectory()) inner.push(name);
    }
  } finally {
    closeSync(directory);
  }
  for (const name of inner) yield* packChildren(parent, `${path}/${name}`, joinNames(tarName, name), seen);
}
