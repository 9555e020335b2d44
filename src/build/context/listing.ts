import type { ByteString } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';
import type { NodeType } from './file-tree.ts';

/** A file of a client's listing, checked. */
export interface ListedFile {
  readonly type: NodeType;
  readonly path: ByteString;
  readonly mode: number;
  readonly size: number;
  readonly linkName: ByteString;
  /** `<mtime ns>.<ctime ns>.<inode>`; '' when the client gave none. */
  readonly stamp: string;
}

const typeOf: Readonly<Record<string, NodeType>> = {
  d: 'directory',
  f: 'file',
  l: 'symlink',
  p: 'fifo',
};

const maxFiles = 2_000_000;
const maxPath = 4095;
const maxComponent = 255;
const maxStamp = 128;
const bytes = /^[\x01-\xff]*$/;
const emptyName = /(?:^|\/)\.{0,2}(?:\/|$)/;
const longName = new RegExp(`[^/]{${maxComponent + 1}}`);

/**
 * The files of a listing as a client sent it. Checked by hand, since there are many of them.
 *
 * @throws {EngineError} `invalid` naming the file
 */
export function checkedListing(files: unknown): readonly unknown[] {
  if (!Array.isArray(files)) throw invalid('a build context needs a list of files');
  if (files.length > maxFiles) throw invalid(`a build context of more than ${maxFiles} files`);
  return files;
}

/** One element of it. */
export function checkedFile(file: unknown, index: number): ListedFile {
  if (typeof file !== 'object' || file === null) throw fault(index, 'is no object');
  const { t, p = '', m = 0, s = 0, l = '', k = '' } = file as Readonly<Record<string, unknown>>;
  const type = typeof t === 'string' && Object.hasOwn(typeOf, t) ? typeOf[t] : undefined;
  if (type === undefined) throw fault(index, 'has an unknown type');
  if (typeof p !== 'string' || !isPath(p)) throw fault(index, `has an invalid path ${JSON.stringify(p)}`);
  if (typeof l !== 'string' || l.length > maxPath || !bytes.test(l))
    throw fault(index, 'has an invalid link');
  if (typeof m !== 'number' || !Number.isInteger(m) || m < 0) throw fault(index, 'has an invalid mode');
  if (!Number.isSafeInteger(s) || (s as number) < 0) throw fault(index, 'has an invalid size');
  if (typeof k !== 'string' || k.length > maxStamp) throw fault(index, 'has an invalid stamp');
  const size = type === 'file' ? (s as number) : 0;
  return { type, path: p, mode: m & 0o7777, size, linkName: type === 'symlink' ? l : '', stamp: k };
}

function isPath(path: string): boolean {
  if (path === '') return true;
  if (path.length > maxPath || !bytes.test(path) || emptyName.test(path)) return false;
  return path.length <= maxComponent || !longName.test(path);
}

const fault = (index: number, what: string) => invalid(`file ${index} of the build context ${what}`);

/** How coarse the clocks of file systems are at worst (FAT): a file may change again within this and keep its times. */
const granularityMilliseconds = 2000;

/**
 * Whether a file that has this stamp again has the same content: not when it changed so shortly before it was listed that
 * it may have changed again without a newer time. As git's index has it ("racily clean").
 *
 * @param listedAt milliseconds, of the clock that the stamps are of
 */
export function isLasting(stamp: string, listedAt: number): boolean {
  const parts = /^(-?\d{1,25})\.(-?\d{1,25})\.\d+$/.exec(stamp);
  if (parts === null) return false;
  const newest = Math.max(Number(parts[1]), Number(parts[2])) / 1e6;
  return newest < listedAt - granularityMilliseconds;
}
