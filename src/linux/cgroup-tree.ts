import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict, EngineError, internal, invalid } from '#base/errors.ts';
import { errnoName } from './sys.ts';

const EBUSY = 'EBUSY';
const ENOENT = 'ENOENT';
const removeTimeout = 5000;

/** The path of a group as its hierarchies have it: `/a/b`. @throws {EngineError} `invalid` when it climbs or is systemd's */
export function checkedPath(path: string): string {
  if (/^[^/]*:[^/]*:[^/]*$/.test(path)) {
    throw invalid(
      `Cannot use cgroup path ${JSON.stringify(path)}: the systemd cgroup driver is not supported`,
    );
  }
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || parts.length === 0 || path.includes('\0')) {
    throw invalid(`Invalid cgroup path ${JSON.stringify(path)}`);
  }
  return `/${parts.join('/')}`;
}

/** Every directory from below `mount` down to the group: `/docker`, `/docker/x`. */
export function levels(mount: string, path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, depth) => `${mount}/${parts.slice(0, depth + 1).join('/')}`);
}

/** Makes one directory. */
export function makeGroup(directory: string): 'made' | 'exists' {
  const result = makeGroupBeneath(directory);
  if (result === 'noParent') throw internal(`failed to mkdir ${directory}: no such file or directory`);
  return result;
}

/** The same, where the one above may not be there. */
export function makeGroupBeneath(directory: string): 'made' | 'exists' | 'noParent' {
  try {
    mkdirSync(directory, 0o755);
    return 'made';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'exists';
    if (codeOf(error) === 'ENOENT') return 'noParent';
    throw failed(`mkdir ${directory}`, error);
  }
}

/** @throws {EngineError} `conflict` when a group that was there before has processes, with runc's wording */
export function refuseOccupied(directory: string): void {
  const { length } = pidsIn(directory);
  if (length > 0) throw conflict(`container's cgroup is not empty: ${length} process(es) found`);
}

/** Writes a control file. @throws {EngineError} `invalid` for a value that the kernel refuses, else `internal` */
export function writeControl(directory: string, file: string, value: string | number): void {
  try {
    writeFileSync(`${directory}/${file}`, String(value));
  } catch (error) {
    throw failed(`failed to write "${value}": write ${directory}/${file}`, error);
  }
}

/** The same, unless this kernel has no such file. */
export function writeIfThere(directory: string, file: string, value: string | number): 'written' | 'absent' {
  try {
    // Without O_CREAT: cgroupfs answers its use with EACCES, not ENOENT.
    writeFileSync(`${directory}/${file}`, String(value), { flag: 'r+' });
    return 'written';
  } catch (error) {
    if (codeOf(error) === ENOENT) return 'absent';
    throw failed(`failed to write "${value}": write ${directory}/${file}`, error);
  }
}

/** A control file's text; empty when it, or the group, is not there. */
export function readControl(directory: string, file: string): string {
  try {
    return readFileSync(`${directory}/${file}`, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === ENOENT || codeOf(error) === 'ENODEV' || codeOf(error) === 'EOPNOTSUPP') return '';
    throw failed(`read ${directory}/${file}`, error);
  }
}

/** A control file of one number; 0 when it is not there, Infinity for `max`. */
export function readNumber(directory: string, file: string): number {
  const text = readControl(directory, file);
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

/** A control file of `name value` lines. */
export function readTable(directory: string, file: string): Readonly<Record<string, number>> {
  const lines = readControl(directory, file).split('\n');
  return Object.fromEntries(
    lines.filter(Boolean).map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]),
  );
}

/** Every pid in a group and its sub-groups. */
export function pidsIn(directory: string): number[] {
  const own = readControl(directory, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  return [...own, ...subgroups(directory).flatMap(pidsIn)];
}

/** Removes groups with all beneath them, waiting for processes that are dying. */
export async function removeGroups(directories: readonly string[]): Promise<void> {
  const deadline = Date.now() + removeTimeout;
  for (let delay = 1; ; delay = Math.min(delay * 2, 100)) {
    const busy = directories.filter((directory) => tryRemove(directory) === 'busy');
    if (busy.length === 0) return;
    if (Date.now() > deadline) throw conflict(`Cannot remove cgroup ${busy[0]}: device or resource busy`);
    await sleep(delay);
  }
}

/** Removes those that hold nothing, and leaves the others. */
export function removeEmptyGroups(directories: readonly string[]): void {
  for (const directory of directories) {
    try {
      rmdirSync(directory);
    } catch (error) {
      const code = codeOf(error);
      if (code !== ENOENT && code !== EBUSY) throw failed(`rmdir ${directory}`, error);
    }
  }
}

/** One try: a group is busy while a process, even a dead one not yet buried, is inside. */
export function tryRemove(directory: string): 'removed' | 'busy' {
  try {
    rmdirSync(directory);
  } catch (error) {
    const code = codeOf(error);
    if (code === ENOENT) return 'removed';
    if (code !== EBUSY) throw failed(`rmdir ${directory}`, error);
    const below = subgroups(directory);
    if (below.length === 0 || below.some((child) => tryRemove(child) === 'busy')) return 'busy';
    return tryRemove(directory);
  }
  return 'removed';
}

/** Waits, looking every millisecond at first, until `done`. */
export async function until(what: string, done: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (let delay = 1; !done(); delay = Math.min(delay * 2, 20)) {
    if (Date.now() > deadline) throw new EngineError('internal', `${what}: timed out`);
    await sleep(delay);
  }
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function subgroups(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => `${directory}/${entry.name}`);
  } catch (error) {
    if (codeOf(error) === ENOENT) return [];
    throw failed(`readdir ${directory}`, error);
  }
}

/** What runc says of it: `failed to write "x": write /sys/fs/…: invalid argument`. */
function failed(what: string, cause: unknown): EngineError {
  const { errno = 0 } = cause as NodeJS.ErrnoException;
  const name = errnoName(-errno);
  const kind = ['EINVAL', 'ERANGE', 'EBUSY', 'ENODEV'].includes(name) ? 'invalid' : 'internal';
  return new EngineError(kind, `${what}: ${wording[name] ?? name}`, {
    cause,
    errno: -errno,
    syscall: what.split(' ', 1)[0]!,
  });
}

/** Go's words for what control files answer with. */
const wording: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'device or resource busy',
  EINVAL: 'invalid argument',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  EPERM: 'operation not permitted',
  ERANGE: 'numerical result out of range',
};
