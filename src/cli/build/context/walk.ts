import type { ByteString } from '#archive/tar-entry.ts';
import { Failure } from '../../command.ts';
import * as platform from '../../platform.ts';
import { bytesOfText, textOfBytes } from './byte-strings.ts';
import { type Ignore, nothingIgnored, type Verdict } from './ignore.ts';

/** The files of a context, each as a row of a listing (`ContextFile`) in JSON: most are never looked at again. */
export interface Listing {
  /** The directory, as bytes. */
  readonly root: ByteString;
  readonly rows: readonly string[];
}

/**
 * Lists what a directory holds, folders before what is in them. A folder that is ignored is entered only where a later
 * pattern brings something of it back, and is listed when it does.
 *
 * @throws {Failure} when a folder cannot be read
 */
export function listContext(directory: string, ignore: Ignore = nothingIgnored): Listing {
  const root = bytesOfText(directory);
  const rows: string[] = [];
  enter({ root, rows, ignore, waiting: [] }, '', ignore.top);
  return { root, rows };
}

interface Walk {
  readonly root: ByteString;
  readonly rows: string[];
  readonly ignore: Ignore;
  /** Rows of ignored folders that are listed once something in them is. */
  readonly waiting: string[];
}

function enter(walk: Walk, folder: ByteString, above: Verdict): void {
  const { root, rows, ignore, waiting } = walk;
  const listed = read(root, folder);
  for (let i = 0; i < listed.length; i += 3) {
    const kind = listed[i]!;
    const path = listed[i + 1]!;
    const row = listed[i + 2]!;
    const verdict = ignore.judge(path, above);
    if (!verdict.ignored) {
      if (waiting.length > 0) rows.push(...waiting.splice(0));
      rows.push(row);
      if (kind === 'd') enter(walk, path, verdict);
    } else if (kind === 'd' && ignore.mayKeepIn(path)) {
      waiting.push(row);
      enter(walk, path, verdict);
      if (waiting.at(-1) === row) waiting.pop();
    }
  }
}

function read(root: ByteString, folder: ByteString): readonly string[] {
  try {
    return folder === ''
      ? platform.listFolder(root, '')
      : platform.listFolder(`${root}/${folder}`, `${folder}/`);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT' && folder !== '') return [];
    throw new Failure(
      `error checking context: can't read '${textOfBytes(folder === '' ? root : `${root}/${folder}`)}': ${(error as Error).message}`,
    );
  }
}
