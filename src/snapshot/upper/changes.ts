import { closeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type ByteString, fromText, joinNames, shownName } from '#archive/tar-entry.ts';
import { AT_FDCWD, getXattr, O, openAt } from '#linux/index.ts';
import type { ChangeKind } from '../snapshotter.ts';
import { type FileStat, isWhiteout, namesIn, openDirectory, statAt, within } from '../tree/live-file.ts';

/** A change, its path both as bytes (beneath the root, no leading slash) and for people. */
export interface UpperChange {
  readonly kind: ChangeKind;
  readonly path: ByteString;
  readonly shown: string;
}

/**
 * What an upper directory changes of the tree below it, sorted by path, by Docker's rules: a directory is listed when
 * its own mode or owner changed or something in it did; a file whose metadata, size and time are as below is unchanged.
 *
 * @param below a mount of the layers; the upper directory may change meanwhile
 * @param mountPoints absolute paths that are no change by themselves, nor are the directories on the way to them
 */
export async function changesOf(
  upper: string,
  below: number,
  mountPoints: readonly string[] = [],
  signal?: AbortSignal,
): Promise<readonly UpperChange[]> {
  const root = openAt(AT_FDCWD, upper, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  try {
    const found = new Map<ByteString, ChangeKind>();
    await walk({ upper: root, below, found, ignored: withParents(mountPoints), signal }, '', 'inLower');
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, kind]) => ({ kind, path, shown: `/${shownName(path)}` }));
  } finally {
    closeSync(root);
  }
}

interface Walk {
  readonly upper: number;
  readonly below: number;
  readonly found: Map<ByteString, ChangeKind>;
  readonly ignored: ReadonlySet<ByteString>;
  readonly signal: AbortSignal | undefined;
}

function withParents(paths: readonly string[]): ReadonlySet<ByteString> {
  const all = new Set<ByteString>();
  for (const path of paths) {
    const parts = fromText(path)
      .split('/')
      .filter((part) => part !== '');
    for (let length = 1; length <= parts.length; length += 1) all.add(parts.slice(0, length).join('/'));
  }
  return all;
}

async function walk(context: Walk, path: ByteString, where: 'inLower' | 'new'): Promise<void> {
  const directories = walkOne(context, path, where);
  await setImmediate(); // other work goes on between directories
  context.signal?.throwIfAborted();
  for (const [name, inner] of directories) {
    const before = context.found.size;
    const innerPath = joinNames(path, name);
    await walk(context, innerPath, inner);
    if (context.found.size > before && !context.found.has(innerPath))
      context.found.set(innerPath, inner === 'new' ? 'added' : 'modified');
  }
}

/** Compares one directory. @returns the directories in it that are to be walked */
function walkOne(
  context: Walk,
  path: ByteString,
  where: 'inLower' | 'new',
): [ByteString, 'inLower' | 'new'][] {
  const upper = openDirectory(context.upper, path);
  if (upper === undefined) return [];
  const lower = where === 'inLower' ? openDirectory(context.below, path) : undefined;
  try {
    const names = namesIn(upper);
    if (lower !== undefined && isOpaque(upper)) noteHidden(context, path, namesIn(lower), new Set(names));
    return names.flatMap((name) => compare(context, joinNames(path, name), name, upper, lower));
  } finally {
    closeSync(upper);
    if (lower !== undefined) closeSync(lower);
  }
}

function compare(
  context: Walk,
  path: ByteString,
  name: ByteString,
  upper: number,
  lower: number | undefined,
): [ByteString, 'inLower' | 'new'][] {
  const now = statAt(upper, name);
  if (now === undefined) return [];
  const before = lower === undefined ? undefined : statAt(lower, name);
  if (isWhiteout(now)) {
    if (before !== undefined) context.found.set(path, 'deleted');
    return [];
  }
  if (before === undefined) {
    if (!context.ignored.has(path)) context.found.set(path, 'added');
  } else if (differs(now, before, within(upper, name), within(lower!, name)))
    context.found.set(path, 'modified');
  if (!now.isDirectory()) return [];
  return [[name, before?.isDirectory() === true ? 'inLower' : 'new']];
}

function noteHidden(
  context: Walk,
  path: ByteString,
  below: readonly ByteString[],
  above: ReadonlySet<ByteString>,
): void {
  for (const name of below) if (!above.has(name)) context.found.set(joinNames(path, name), 'deleted');
}

const isOpaque = (directory: number): boolean =>
  getXattr(directory, 'trusted.overlay.opaque')?.toString() === 'y';

function differs(now: FileStat, before: FileStat, path: Buffer, pathBefore: Buffer): boolean {
  const owner = now.mode !== before.mode || now.uid !== before.uid || now.gid !== before.gid;
  if (owner || now.isDirectory()) return owner;
  if (now.rdev !== before.rdev || now.size !== before.size || now.mtimeNs !== before.mtimeNs) return true;
  if (!now.isFile()) return false;
  return !sameBytes(getXattr(path, 'security.capability'), getXattr(pathBefore, 'security.capability'));
}

const sameBytes = (a: Buffer | undefined, b: Buffer | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.equals(b);
