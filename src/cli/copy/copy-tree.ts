import { lstatSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { findPath, type PathStat, readArchive, writeArchive } from '#client/container/archive.ts';
import { inspectContainer } from '#client/container/inspect.ts';
import { type Cli, Failure } from '../command.ts';
import { humanSize } from '../format/human.ts';
import * as platform from '../platform.ts';
import { extract, renamed } from './extract.ts';
import { treeTar } from './tree-tar.ts';

export interface Copy {
  readonly container: string;
  readonly source: string;
  readonly target: string;
  /** Keep owners. */
  readonly archive: boolean;
  /** Copy what a symbolic link points at. */
  readonly followLink: boolean;
  readonly quiet: boolean;
}

/** Go's fs.FileMode bits. */
const directoryMode = 2 ** 31;
const symlinkMode = 2 ** 27;
const isDirectory = ({ mode }: PathStat) => Math.floor(mode / directoryMode) % 2 === 1;
const isSymlink = ({ mode }: PathStat) => Math.floor(mode / symlinkMode) % 2 === 1;

/** A path that ends in `/.` means what is in the folder, one that ends in `/` the folder. */
const wantsContents = (path: string) => /(^|\/)\.$/.test(path);
const assertsDirectory = (path: string) => path.endsWith('/') || wantsContents(path);

/** Copies a file or folder of a container to this machine. */
export async function copyFromContainer(cli: Cli, copy: Copy): Promise<void> {
  const source =
    (await followed(cli, copy.container, copy.followLink ? copy.source : undefined)) ?? copy.source;
  const { stat, tar } = await readArchive(cli.daemon, copy.container, source);
  if (copy.target === '-') {
    for await (const bytes of tar) await cli.out(bytes);
    return;
  }
  const { folder, name } = placeLocally(copy.target, { directory: isDirectory(stat), source });
  const counted = counter(tar);
  await extract(renamed(counted.bytes, name), { folder, owners: copy.archive });
  await tell(cli, copy, { bytes: counted.total(), to: resolve(copy.target) });
}

/** Copies a file or folder of this machine into a container. */
export async function copyToContainer(cli: Cli, copy: Copy): Promise<void> {
  const target = (await followed(cli, copy.container, copy.target)) ?? copy.target;
  const stat = await findPath(cli.daemon, copy.container, target);
  const options = { noOverwriteDirNonDir: true, ...(copy.archive && { copyUIDGID: true }) };
  if (copy.source === '-') {
    if (stat === undefined) await inspectContainer(cli.daemon, copy.container);
    if (stat !== undefined && !isDirectory(stat)) {
      throw new Failure(`destination "${copy.container}:${copy.target}" must be a directory`);
    }
    return writeArchive(cli.daemon, copy.container, { path: target, tar: platform.stdin.read(), ...options });
  }
  const path = resolve(copy.source);
  const kind = localKind(copy.source, copy.followLink);
  if (stat === undefined) await inspectContainer(cli.daemon, copy.container);
  const { folder, name } = place(target, {
    exists: stat !== undefined,
    targetIsDirectory: stat !== undefined && isDirectory(stat),
    directory: kind === 'directory',
    source: copy.source,
  });
  const counted = counter(treeTar(path, { name, followLink: copy.followLink }));
  await writeArchive(cli.daemon, copy.container, { path: folder, tar: counted.bytes, ...options });
  await tell(cli, copy, { bytes: counted.total(), to: `${copy.container}:${copy.target}` });
}

/** Where the link at a path points, undefined when there is none. */
async function followed(cli: Cli, container: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const stat = await findPath(cli.daemon, container, path);
  if (stat === undefined || !isSymlink(stat)) return undefined;
  return isAbsolute(stat.linkTarget) ? stat.linkTarget : join(dirname(path), stat.linkTarget);
}

function localKind(path: string, followLink: boolean): 'directory' | 'other' {
  try {
    const directory = (followLink || path.endsWith('/') ? statSync : lstatSync)(path).isDirectory();
    if (!directory && assertsDirectory(path)) throw new Failure('not a directory');
    return directory ? 'directory' : 'other';
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`lstat ${resolve(path)}: no such file or directory`);
  }
}

interface Target {
  readonly exists: boolean;
  readonly targetIsDirectory: boolean;
  /** Whether what is copied is a folder. */
  readonly directory: boolean;
  readonly source: string;
}

/** The folder to unpack in, and the name that the copied thing gets there; `.` puts its contents there. */
function place(
  target: string,
  { exists, targetIsDirectory, directory, source }: Target,
): { folder: string; name: string } {
  const contents = directory && wantsContents(source);
  if (targetIsDirectory) return { folder: target, name: contents ? '.' : basename(resolve('/', source)) };
  if (exists && directory) throw new Failure('cannot copy directory');
  if (!directory && assertsDirectory(target))
    throw new Failure(exists ? 'not a directory' : 'no such directory');
  const plain = target.replace(/\/+$/, '') || '/';
  return { folder: dirname(plain), name: basename(plain) };
}

function placeLocally(target: string, { directory, source }: { directory: boolean; source: string }) {
  const stat = statSync(target, { throwIfNoEntry: false });
  const { folder, name } = place(target, {
    exists: stat !== undefined,
    targetIsDirectory: stat?.isDirectory() ?? false,
    directory,
    source,
  });
  if (!platform.isDirectory(folder))
    throw new Failure(`invalid output path: directory "${resolve(folder)}" does not exist`);
  return { folder: resolve(folder), name };
}

function counter(source: AsyncIterable<Uint8Array>) {
  let total = 0;
  async function* bytes() {
    for await (const chunk of source) {
      total += chunk.length;
      yield chunk;
    }
  }
  return { bytes: bytes(), total: () => total };
}

async function tell(cli: Cli, { quiet }: Copy, { bytes, to }: { bytes: number; to: string }): Promise<void> {
  if (!quiet && platform.stderr.isTerminal)
    await cli.err(`Successfully copied ${humanSize(bytes, 3)} to ${to}\n`);
}
