import { chmodSync, closeSync } from 'node:fs';
import { type ByteString, type EntryTime, type PlacedEntry, toBytes } from '#archive/tar-entry.ts';
import { EngineError } from '#base/errors.ts';
import { chownAt, O, openAt, setTimesAt, setXattr } from '#linux/index.ts';
import { isReservedXattr } from '../layer-path.ts';
import { within } from './live-file.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const EPERM = 1;
/** EINVAL, ERANGE, EOPNOTSUPP: no such attribute can be. */
const impossible = new Set([22, 34, 95]);

/**
 * Owner, attributes and mode of a new name. In this order: a change of owner takes away set-id bits and capabilities.
 *
 * Attributes that the file system has no room for are left out, as dockerd does.
 */
export function setMetadata(
  directory: number,
  name: ByteString,
  entry: PlacedEntry,
  owner: Owner = entry,
): void {
  chownAt(directory, toBytes(name), owner.uid, owner.gid);
  for (const [key, value] of entry.xattrs)
    if (!isReservedXattr(key)) setEntryXattr(within(directory, name), key, value);
  if (entry.type === 'symlink') return;
  const fd = openAt(directory, toBytes(name), O.PATH | O.NOFOLLOW);
  try {
    chmodSync(`/proc/self/fd/${fd}`, entry.mode);
  } finally {
    closeSync(fd);
  }
}

function setEntryXattr(path: Buffer, name: ByteString, value: Buffer): void {
  try {
    setXattr(path, toBytes(name), value);
  } catch (error) {
    const errno = error instanceof EngineError ? error.errno : undefined;
    const possible = errno === undefined || !impossible.has(errno);
    if (possible && !(errno === EPERM && name.startsWith('user.'))) throw error;
  }
}

export function setModified(directory: number, name: ByteString, { seconds, nanoseconds }: EntryTime): void {
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  setTimesAt(directory, toBytes(name), time, time);
}
