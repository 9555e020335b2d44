import type { ByteString } from '#archive/tar-entry.ts';
import { Failure } from '../../command.ts';
import * as platform from '../../platform.ts';
import { bytesOfText, textOfBytes } from './byte-strings.ts';
import { type Ignore, nothingIgnored, type Verdict } from './ignore.ts';

/** The files of a context. */
export interface Listing {
  /** The directory, as bytes. */
  readonly root: ByteString;
  /** A row (`ContextFile`) for each file in JSON, a folder's rows in one text: most are never looked at again. */
  readonly rows: readonly string[];
  /** Milliseconds: not after the first look at a file. */
  readonly at: number;
}

/** The rows one by one. */
export const rowsOf = ({ rows }: Listing): readonly string[] =>
  rows.flatMap((text) => text.split(platform.rowSeparator));

/**
 * Lists what a directory holds, folders before what is in them. A folder that is ignored is entered only where a later
 * pattern brings something of it back, and is listed when it does.
 *
 * @throws {Failure} when a folder cannot be read
 */
export function listContext(directory: string, ignore: Ignore = nothingIgnored): Listing {
  const at = Date.now();
  const root = bytesOfText(directory);
  const walk: Walk = { root, rows: [], ignore, pending: [] };
  enter(walk, { path: '', verdict: ignore.top, unlisted: undefined });
  // not by recursion: a tree may be deeper than a stack
  for (let next = walk.pending.pop(); next !== undefined; next = walk.pending.pop()) enter(walk, next);
  return { root, rows: walk.rows, at };
}

interface Walk {
  readonly root: ByteString;
  readonly rows: string[];
  readonly ignore: Ignore;
  /** To be entered, the next one last. */
  readonly pending: Folder[];
}

interface Folder {
  readonly path: ByteString;
  readonly verdict: Verdict;
  /** The nearest ignored folder that it is or is in. */
  readonly unlisted: Unlisted | undefined;
}

/** An ignored folder, listed once something in it is. */
interface Unlisted {
  readonly row: string;
  readonly above: Unlisted | undefined;
  isListed: boolean;
}

function enter(walk: Walk, folder: Folder): void {
  const listed = read(walk.root, folder.path);
  if (listed.kinds === '') return;
  const inside = walk.ignore === nothingIgnored ? takeAll(walk, listed) : takeSome(walk, listed, folder);
  walk.pending.push(...inside.reverse());
}

/** @returns the folders to enter */
function takeAll({ rows }: Walk, listed: platform.FolderListing): Folder[] {
  rows.push(listed.rows);
  if (!listed.kinds.includes('d')) return [];
  return listed.paths
    .split('\0')
    .filter((_, i) => listed.kinds[i] === 'd')
    .map((path) => ({ path, verdict: nothingIgnored.top, unlisted: undefined }));
}

function takeSome({ rows, ignore }: Walk, listed: platform.FolderListing, folder: Folder): Folder[] {
  const all = listed.rows.split(platform.rowSeparator);
  const inside: Folder[] = [];
  for (const [i, path] of listed.paths.split('\0').entries()) {
    const row = all[i]!;
    const isFolder = listed.kinds[i] === 'd';
    const verdict = ignore.judge(path, folder.verdict);
    if (!verdict.ignored) {
      rows.push(...rowsAbove(folder.unlisted), row);
      if (isFolder) inside.push({ path, verdict, unlisted: undefined });
    } else if (isFolder && ignore.mayKeepIn(path))
      inside.push({ path, verdict, unlisted: { row, above: folder.unlisted, isListed: false } });
  }
  return inside;
}

/** The rows of ignored folders above what is listed now, the highest first, each once. */
function rowsAbove(nearest: Unlisted | undefined): string[] {
  const rows: string[] = [];
  for (let each = nearest; each !== undefined && !each.isListed; each = each.above) {
    each.isListed = true;
    rows.push(each.row);
  }
  return rows.reverse();
}

function read(root: ByteString, folder: ByteString): platform.FolderListing {
  try {
    return folder === ''
      ? platform.listFolder(root, '')
      : platform.listFolder(`${root}/${folder}`, `${folder}/`);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT' && folder !== '')
      return { kinds: '', paths: '', rows: '' };
    throw new Failure(
      `error checking context: can't read '${textOfBytes(folder === '' ? root : `${root}/${folder}`)}': ${(error as Error).message}`,
    );
  }
}
