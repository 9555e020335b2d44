import type { ByteString } from '#archive/tar-entry.ts';
import { Failure } from '../../command.ts';
import * as platform from '../../platform.ts';
import { bytesOfText, textOfBytes } from './byte-strings.ts';
import { type Ignore, nothingIgnored, type Verdict } from './ignore.ts';

/** The files of a context. */
export interface Listing {
  /** The directory, as bytes. */
  readonly root: ByteString;
  /** A row (`ContextFile`) for each file, as the elements of an array in JSON: most are never looked at again. */
  readonly rows: string;
  /** Milliseconds: not after the first look at a file. */
  readonly at: number;
}

/** The rows one by one. */
export const rowsOf = ({ rows }: Listing): readonly string[] =>
  rows === '' ? [] : rows.split(platform.rowSeparator);

/**
 * Lists what a directory holds, folders before what is in them. A folder that is ignored is entered only where a later
 * pattern brings something of it back, and is listed when it does.
 *
 * @throws {Failure} when a folder cannot be read
 */
export function listContext(directory: string, ignore: Ignore = nothingIgnored): Listing {
  const at = Date.now();
  const root = bytesOfText(directory);
  const rows: string[] = [];
  enter({ root, rows, ignore, waiting: [] }, '', ignore.top);
  return { root, rows: rows.join(platform.rowSeparator), at };
}

interface Walk {
  readonly root: ByteString;
  readonly rows: string[];
  readonly ignore: Ignore;
  /** Rows of ignored folders that are listed once something in them is. */
  readonly waiting: string[];
}

function enter(walk: Walk, folder: ByteString, above: Verdict): void {
  const listed = read(walk.root, folder);
  if (listed.kinds === '') return;
  if (walk.ignore === nothingIgnored) enterAll(walk, listed);
  else enterSome(walk, listed, above);
}

function enterAll(walk: Walk, { kinds, paths, rows }: platform.FolderListing): void {
  walk.rows.push(rows);
  if (!kinds.includes('d')) return;
  for (const [i, path] of paths.split('\0').entries())
    if (kinds[i] === 'd') enter(walk, path, nothingIgnored.top);
}

function enterSome(walk: Walk, listed: platform.FolderListing, above: Verdict): void {
  const { rows, ignore, waiting } = walk;
  const { kinds } = listed;
  const all = listed.rows.split(platform.rowSeparator);
  for (const [i, path] of listed.paths.split('\0').entries()) {
    const row = all[i]!;
    const verdict = ignore.judge(path, above);
    if (!verdict.ignored) {
      if (waiting.length > 0) rows.push(...waiting.splice(0));
      rows.push(row);
      if (kinds[i] === 'd') enter(walk, path, verdict);
    } else if (kinds[i] === 'd' && ignore.mayKeepIn(path)) {
      waiting.push(row);
      enter(walk, path, verdict);
      if (waiting.at(-1) === row) waiting.pop();
    }
  }
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
