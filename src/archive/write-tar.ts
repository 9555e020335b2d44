import { formatPax } from './pax.ts';
import { type ByteString, type EntryType, type TarEntry, toBytes } from './tar-entry.ts';
import {
  blockSize,
  field,
  formatTime,
  paddingOf,
  writeChecksum,
  writeNumber,
  writeText,
  zeroBlock,
} from './tar-fields.ts';

const flags: Readonly<Record<EntryType, string>> = {
  file: '0',
  hardLink: '1',
  symlink: '2',
  charDevice: '3',
  blockDevice: '4',
  directory: '5',
  fifo: '6',
};

/** An entry to write: what is left out is root's, empty, at the epoch. */
export type NewEntry = Pick<TarEntry, 'name' | 'type'> & Partial<Omit<TarEntry, 'name' | 'type' | 'sparse'>>;

/**
 * The header blocks of an entry: a ustar header, behind a PAX header where something does not fit. The same entry gives
 * the same bytes. The body and its padding are the caller's to write.
 */
export function headerOf(entry: NewEntry): Buffer {
  const records = paxRecords(entry);
  const block = ustarBlock(entry);
  if (records.length === 0) return block;
  const body = formatPax(records);
  const name = `PaxHeaders.0/${entry.name.replace(/\/+$/, '').split('/').at(-1) ?? ''}`;
  const pax = ustarBlock({ name: name.slice(0, 100), type: 'file', mode: 0o644, size: body.length });
  pax[field.type[0]] = 0x78; // 'x'
  writeChecksum(pax);
  return Buffer.concat([pax, body, Buffer.alloc(paddingOf(body.length)), block]);
}

/** Zeros that fill a body up to a block. */
export const paddingFor = (size: number): Buffer => zeroBlock.subarray(0, paddingOf(size));

/** What ends a tar. */
export const endOfTar: Buffer = Buffer.alloc(2 * blockSize);

/** A whole member, its body at hand. */
export function memberOf(entry: NewEntry, body: Uint8Array | string = ''): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([headerOf({ ...entry, size: bytes.length }), bytes, paddingFor(bytes.length)]);
}

function ustarBlock(entry: NewEntry): Buffer {
  const block = Buffer.alloc(blockSize);
  writeText(block, field.name, entry.name);
  writeNumber(block, field.mode, entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644));
  writeNumber(block, field.uid, entry.uid ?? 0);
  writeNumber(block, field.gid, entry.gid ?? 0);
  writeNumber(block, field.size, entry.type === 'file' ? (entry.size ?? 0) : 0);
  writeNumber(block, field.modified, entry.modified?.seconds ?? 0);
  writeText(block, field.type, flags[entry.type]);
  writeText(block, field.linkName, entry.linkName ?? '');
  writeText(block, field.magic, 'ustar\x0000');
  writeNumber(block, field.major, entry.major ?? 0);
  writeNumber(block, field.minor, entry.minor ?? 0);
  writeChecksum(block);
  return block;
}

function paxRecords(entry: NewEntry): [ByteString, Buffer][] {
  const records: [ByteString, Buffer][] = [];
  const add = (key: string, value: string) => records.push([key, toBytes(value)]);
  if (entry.name.length > field.name[1]) add('path', entry.name);
  if ((entry.linkName?.length ?? 0) > field.linkName[1]) add('linkpath', entry.linkName!);
  if (entry.modified !== undefined && entry.modified.nanoseconds !== 0)
    add('mtime', formatTime(entry.modified));
  if (entry.type === 'file' && (entry.size ?? 0) >= 8 ** 11) add('size', String(entry.size));
  if ((entry.uid ?? 0) >= 8 ** 7) add('uid', String(entry.uid));
  if ((entry.gid ?? 0) >= 8 ** 7) add('gid', String(entry.gid));
  const xattrs = [...(entry.xattrs ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of xattrs) records.push([`SCHILY.xattr.${name}`, value]);
  return records;
}
