/**
 * A string of bytes: one character of U+0000–U+00FF for each byte. Names in tars need not be UTF-8, and compare, split
 * and index as such strings at the speed of any other.
 */
export type ByteString = string;

export const toBytes = (text: ByteString): Buffer => Buffer.from(text, 'latin1');
export const fromBytes = (bytes: Uint8Array): ByteString =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
/** The byte string of ordinary text. */
export const fromText = (text: string): ByteString => Buffer.from(text, 'utf8').toString('latin1');
/** For people to read: bytes that are not UTF-8 are replaced. */
export const shownName = (name: ByteString): string => Buffer.from(name, 'latin1').toString('utf8');

/** A name in a directory; '' is the root, or the directory itself. */
export const joinNames = (directory: ByteString, name: ByteString): ByteString =>
  directory === '' ? name : name === '' ? directory : `${directory}/${name}`;

/** The directory above; that of a name alone is ''. */
export const parentOf = (path: ByteString): ByteString => path.slice(0, Math.max(path.lastIndexOf('/'), 0));

export type EntryType = 'file' | 'hardLink' | 'symlink' | 'charDevice' | 'blockDevice' | 'directory' | 'fifo';

export interface EntryTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A run of a sparse file's data; what no segment covers reads as zeros. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** What a tar says of one file, whatever form (ustar, GNU, PAX) it says it in. */
export interface TarEntry {
  /** As it stands in the tar: may be absolute, may hold `..`, may end with a slash. */
  readonly name: ByteString;
  readonly type: EntryType;
  /** Permissions with set-id and sticky bits; no type bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: EntryTime;
  /** Bytes of the file, holes included; 0 for all but files. */
  readonly size: number;
  /** Target of a hard link or symlink, else ''. */
  readonly linkName: ByteString;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<ByteString, Buffer>;
  /** Present on sparse files: ordered, and the stored bytes are these segments end to end. */
  readonly sparse?: readonly Segment[];
}

/** Where an entry lies in its tar. */
export interface EntryPlace {
  /** Of the first header block that speaks of it. */
  readonly headerOffset: number;
  /** Of its stored bytes; a multiple of 512. */
  readonly bodyOffset: number;
  /** Stored bytes, without padding: `size`, but for sparse files. */
  readonly storedSize: number;
}

export type PlacedEntry = TarEntry & EntryPlace;

export const noXattrs: ReadonlyMap<ByteString, Buffer> = new Map();
