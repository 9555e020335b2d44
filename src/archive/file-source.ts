import type { ByteString, EntryTime, EntryType } from './tar-entry.ts';

/** What is at a path of a tree. */
export interface FileInfo {
  readonly type: Exclude<EntryType, 'hardLink'>;
  /** Permissions with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** 0 for all but files. */
  readonly size: number;
  readonly modified: EntryTime;
  /** Of a symlink, else ''. */
  readonly linkName: ByteString;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<ByteString, Buffer>;
  /** The same for names of one file; undefined when it has one name only, or where names are not known to be links. */
  readonly identity?: string;
}

/**
 * A tree of files to read, that does not change: a build context, a stage's root. Paths are relative to its root, without
 * a leading slash, '' being the root; every component is a name, never `.` or `..`, and no link is ever followed.
 */
export interface FileSource {
  /** undefined when nothing is there, or something above is no directory. */
  find(path: ByteString): FileInfo | undefined;
  /** The names in a directory, in order of their bytes; none when it is no directory. */
  list(path: ByteString): readonly ByteString[];
  /** A file's bytes. */
  open(path: ByteString): AsyncIterable<Uint8Array>;
  /** sha256 of a file's bytes, `sha256:<hex>`: at hand in a context, read in a tree. */
  digestOf(path: ByteString): Promise<string>;
}
