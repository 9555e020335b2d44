import type { FileInfo } from '#archive/file-source.ts';
import { type ByteString, noXattrs, type Segment } from '#archive/tar-entry.ts';
import type { Digest } from '#oci/digest.ts';
import { Columns } from './columns.ts';

/** What a context may hold. Devices and sockets are left out on the way in. */
export type NodeType = 'directory' | 'file' | 'symlink' | 'fifo';

const types: readonly NodeType[] = ['directory', 'file', 'symlink', 'fifo'];
const directoryType = types.indexOf('directory');
const fileType = types.indexOf('file');

export interface NewNode {
  readonly type: NodeType;
  readonly mode: number;
  readonly size?: number;
  /** Of its bytes in the file that holds them; -1 when its digest leads to them. */
  readonly offset?: number;
  readonly linkName?: ByteString;
  readonly xattrs?: ReadonlyMap<ByteString, Buffer>;
  /** Of a sparse file: its stored bytes are these, end to end. */
  readonly segments?: readonly Segment[] | undefined;
}

/**
 * The files of a context: names, metadata, digests and places of contents, no contents. A node is a number; several names
 * may lead to one file. Nodes that lost their last name stay as numbers, reachable by none.
 */
export class FileTree {
  readonly root: number;
  readonly #columns = new Columns();
  readonly #children = new Map<number, Map<ByteString, number>>();
  readonly #names = new Map<number, readonly ByteString[]>();
  readonly #linkNames = new Map<number, ByteString>();
  readonly #xattrs = new Map<number, ReadonlyMap<ByteString, Buffer>>();
  readonly #segments = new Map<number, readonly Segment[]>();
  readonly #linked = new Set<number>();

  constructor() {
    this.root = this.add({ type: 'directory', mode: 0o755 });
  }

  /** Nodes made so far. */
  get count(): number {
    return this.#columns.count;
  }

  /** A node without a name. */
  add({ type, mode, size = 0, offset = -1, linkName = '', xattrs, segments }: NewNode): number {
    const node = this.#columns.add(types.indexOf(type), mode, size, offset);
    if (type === 'directory') this.#children.set(node, new Map());
    if (linkName !== '') this.#linkNames.set(node, linkName);
    if (xattrs !== undefined && xattrs.size > 0) this.#xattrs.set(node, xattrs);
    if (segments !== undefined) this.#segments.set(node, segments);
    return node;
  }

  /** Gives a node a name, in the place of whatever had it. */
  put(directory: number, name: ByteString, node: number): void {
    this.#children.get(directory)!.set(name, node);
    this.#names.delete(directory);
  }

  /** Remembers that a file has several names. */
  markLinked(node: number): void {
    this.#linked.add(node);
  }

  child(directory: number, name: ByteString): number | undefined {
    return this.#children.get(directory)?.get(name);
  }

  /** The node of a path; no link is followed. */
  find(path: ByteString): number | undefined {
    if (path === '') return this.root;
    let node: number | undefined = this.root;
    for (let start = 0; node !== undefined && start <= path.length; ) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      node = this.child(node, path.slice(start, end));
      start = end + 1;
    }
    return node;
  }

  /** The names in a directory, in order of their bytes. */
  list(directory: number): readonly ByteString[] {
    const known = this.#names.get(directory);
    if (known !== undefined) return known;
    const names = [...(this.#children.get(directory)?.keys() ?? [])].sort();
    this.#names.set(directory, names);
    return names;
  }

  isDirectory = (node: number): boolean => this.#columns.type(node) === directoryType;
  isFile = (node: number): boolean => this.#columns.type(node) === fileType;
  type = (node: number): NodeType => types[this.#columns.type(node)]!;
  mode = (node: number): number => this.#columns.mode(node);
  size = (node: number): number => this.#columns.size(node);
  offset = (node: number): number => this.#columns.offset(node);
  linkName = (node: number): ByteString => this.#linkNames.get(node) ?? '';
  xattrs = (node: number): ReadonlyMap<ByteString, Buffer> => this.#xattrs.get(node) ?? noXattrs;
  segments = (node: number): readonly Segment[] | undefined => this.#segments.get(node);
  setMode = (node: number, mode: number): void => this.#columns.setMode(node, mode);
  setSize = (node: number, size: number): void => this.#columns.setSize(node, size);
  setDigest = (node: number, digest: Uint8Array): void => this.#columns.setDigest(node, digest);
  /** 32 bytes, as a view that a further `add` may leave stale. */
  digest = (node: number): Buffer => this.#columns.digest(node);
  digestBytes = (node: number): ByteString => this.#columns.digestBytes(node);
  digestText = (node: number): Digest => `sha256:${this.#columns.digest(node).toString('hex')}`;
  /** Sparse files, for whoever has to hash them. */
  sparseNodes = (): Iterable<number> => this.#segments.keys();

  info(node: number): FileInfo {
    return {
      type: this.type(node),
      mode: this.mode(node),
      uid: 0,
      gid: 0,
      size: this.size(node),
      modified: epoch,
      linkName: this.linkName(node),
      major: 0,
      minor: 0,
      xattrs: this.xattrs(node),
      ...(this.#linked.has(node) && { identity: String(node) }),
    };
  }
}

const epoch = { seconds: 0, nanoseconds: 0 } as const;
