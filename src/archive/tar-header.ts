import { invalid } from '#base/errors.ts';
import type { PaxRecords } from './pax.ts';
import { decimal } from './sparse.ts';
import { type ByteString, type EntryType, fromBytes, noXattrs, type TarEntry } from './tar-entry.ts';
import { field, numberOf, parseTime, textOf } from './tar-fields.ts';

/** What extended headers said of the entry that follows them. */
export interface Extension {
  longName?: ByteString;
  longLink?: ByteString;
  pax: PaxRecords;
}

/** A header with its extension: an entry that still lacks its sparse map. */
export interface Header {
  readonly entry: Omit<TarEntry, 'sparse'>;
  readonly storedSize: number;
  /** How the sparse map comes, if there is one. */
  readonly sparse: 'none' | 'gnu' | 'pax' | 'body';
}

const types: Readonly<Record<string, EntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardLink',
  '2': 'symlink',
  '3': 'charDevice',
  '4': 'blockDevice',
  '5': 'directory',
  '6': 'fifo',
};

const paxMagic = 'ustar\0';

/** One entry of a header block and what came before it. @throws {EngineError} `invalid` without the entry's name */
export function parseHeader(block: Buffer, extension: Extension): Header {
  const flag = block.toString('latin1', 156, 157);
  const pax = new Map(extension.pax);
  const name = nameOf(block, extension, pax);
  const type = typeOf(flag, name);
  const sizeSaid = numberFrom(pax, 'size') ?? numberOf(block, field.size);
  if (sizeSaid < 0) throw invalid('a negative size');
  const storedSize = type === 'file' ? sizeSaid : 0;
  const sparse = type === 'file' ? sparseForm(flag, pax) : 'none';
  const isLink = type === 'hardLink' || type === 'symlink';
  return {
    sparse,
    storedSize,
    entry: {
      name,
      type,
      mode: numberOf(block, field.mode) & 0o7777,
      uid: ownerOf(numberFrom(pax, 'uid') ?? numberOf(block, field.uid)),
      gid: ownerOf(numberFrom(pax, 'gid') ?? numberOf(block, field.gid)),
      modified: modifiedOf(block, pax),
      size: sparse === 'none' ? storedSize : realSizeOf(block, flag, pax),
      linkName: isLink
        ? (textFrom(pax, 'linkpath') ?? extension.longLink ?? textOf(block, field.linkName))
        : '',
      major: type.endsWith('Device') ? deviceNumber(numberOf(block, field.major), 0xfff) : 0,
      minor: type.endsWith('Device') ? deviceNumber(numberOf(block, field.minor), 0xf_ffff) : 0,
      xattrs: xattrsOf(extension.pax),
    },
  };
}

/** The name as far as a header block tells it, for errors about the block. */
export const plainName = (block: Buffer): ByteString => textOf(block, field.name);

function nameOf(block: Buffer, extension: Extension, pax: ReadonlyMap<ByteString, Buffer>): ByteString {
  const extended = textFrom(pax, 'GNU.sparse.name') ?? textFrom(pax, 'path') ?? extension.longName;
  if (extended !== undefined) return extended;
  const name = textOf(block, field.name);
  const prefix = block.toString('latin1', 257, 263) === paxMagic ? textOf(block, field.prefix) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function typeOf(flag: string, name: ByteString): EntryType {
  const type = types[flag];
  if (type === undefined) throw invalid(`unhandled tar header type ${flag.charCodeAt(0)}`);
  return type === 'file' && flag !== 'S' && name.endsWith('/') ? 'directory' : type;
}

function sparseForm(flag: string, pax: ReadonlyMap<ByteString, Buffer>): Header['sparse'] {
  if (flag === 'S') return 'gnu';
  if (textFrom(pax, 'GNU.sparse.major') === '1' && textFrom(pax, 'GNU.sparse.minor') === '0') return 'body';
  return pax.has('GNU.sparse.map') || pax.has('GNU.sparse.offset') || pax.has('GNU.sparse.size')
    ? 'pax'
    : 'none';
}

function realSizeOf(block: Buffer, flag: string, pax: ReadonlyMap<ByteString, Buffer>): number {
  const size =
    flag === 'S'
      ? numberOf(block, field.gnuRealSize)
      : (numberFrom(pax, 'GNU.sparse.realsize') ?? numberFrom(pax, 'GNU.sparse.size'));
  if (size === undefined || size < 0) throw invalid('a sparse file without a size');
  return size;
}

function modifiedOf(block: Buffer, pax: ReadonlyMap<ByteString, Buffer>): TarEntry['modified'] {
  const text = textFrom(pax, 'mtime');
  return text === undefined ? { seconds: numberOf(block, field.modified), nanoseconds: 0 } : parseTime(text);
}

function xattrsOf(records: PaxRecords): TarEntry['xattrs'] {
  const prefix = 'SCHILY.xattr.';
  const found = records.filter(([key]) => key.startsWith(prefix) && key.length > prefix.length);
  return found.length === 0
    ? noXattrs
    : new Map(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

function ownerOf(id: number): number {
  if (id < 0 || id >= 0xffff_ffff) throw invalid(`the owner ${id} is out of range`);
  return id;
}

function deviceNumber(number: number, most: number): number {
  if (number < 0 || number > most) throw invalid(`the device number ${number} is out of range`);
  return number;
}

function textFrom(pax: ReadonlyMap<ByteString, Buffer>, key: string): ByteString | undefined {
  const value = pax.get(key);
  if (value === undefined || value.length === 0) return undefined;
  if (value.includes(0)) throw invalid(`a NUL in the PAX record ${key}`);
  return fromBytes(value);
}

function numberFrom(pax: ReadonlyMap<ByteString, Buffer>, key: string): number | undefined {
  const text = textFrom(pax, key);
  return text === undefined ? undefined : decimal(text);
}
