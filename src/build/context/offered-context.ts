import { hash } from 'node:crypto';
import { type ByteString, shownName } from '#archive/tar-entry.ts';
import { EngineError, invalid, messageOf } from '#base/errors.ts';
import { type Digest, hexOf } from '#oci/digest.ts';
import { digestSize } from './columns.ts';
import type { FileTree } from './file-tree.ts';
import type { HeldContext } from './held-contexts.ts';
import { checkedFile, checkedListing, isLasting, type ListedFile } from './listing.ts';
import { digestAt, type KnownFiles, KnownFinder } from './stored-listing.ts';
import { TreeBuilder } from './tree-builder.ts';
import type { Contents } from './tree-context.ts';

/** How a file's content is known. */
const knowledge = { no: 0, byStamp: 1, anew: 2, changing: 3 } as const;

/** Files that have one digest, as far as the client says: the bytes of the first are asked for. */
interface Wanted {
  /** undefined: the client did not tell. */
  readonly digest: Digest | undefined;
  readonly indexes: number[];
}

/**
 * A context that comes as a difference: a listing whose files become known, by their stamps, by digests, by their bytes.
 * Files are named by their index in the listing.
 */
export class OfferedContext implements HeldContext {
  readonly name: string;
  /** The client's digest of its listing; '' where it gave none. */
  readonly listing: string;
  readonly tree: FileTree;
  readonly contents: Contents;
  received = 0;
  /** A round of it is being worked on. */
  busy = false;
  readonly #listedAt: number;
  readonly #paths: ByteString[] = [];
  /** Size and stamp, of files. */
  readonly #stamps: string[] = [];
  readonly #nodes: Uint32Array;
  readonly #known: Uint8Array;
  /** Those whose digests are asked for. */
  #undigested = new Set<number>();
  readonly #wanted = new Map<number, Wanted>();
  readonly #knownBefore: number;
  #recognized = 0;

  /**
   * @param options.known of the directory's last listing
   * @param options.listedAt milliseconds: not after the client's first look at a file
   * @throws {EngineError} `invalid` naming the file
   */
  constructor(options: {
    readonly origin: string;
    readonly listing: string;
    readonly files: unknown;
    readonly known: KnownFiles;
    readonly listedAt: number;
    readonly open: (digest: Digest) => AsyncIterable<Uint8Array>;
  }) {
    const files = checkedListing(options.files);
    const builder = new TreeBuilder({ followLinks: false });
    const { tree } = builder;
    this.name = options.origin;
    this.listing = options.listing;
    this.tree = tree;
    this.contents = {
      open: (node) => (tree.size(node) === 0 ? nothing() : options.open(tree.digestText(node))),
    };
    this.#listedAt = options.listedAt;
    this.#knownBefore = options.known.paths.length;
    this.#nodes = new Uint32Array(files.length);
    this.#known = new Uint8Array(files.length);
    const finder = new KnownFinder(options.known);
    for (let i = 0; i < files.length; i++) this.#add(i, checkedFile(files[i], i), builder, finder);
  }

  get whole(): boolean {
    return this.#undigested.size === 0 && this.#wanted.size === 0;
  }

  /** What the client is to tell next: digests while there are such, then bytes. */
  get asks(): readonly number[] {
    return this.#undigested.size > 0 ? [...this.#undigested] : [...this.#wanted.keys()];
  }

  wants(index: number): boolean {
    return this.#wanted.has(index);
  }

  /**
   * Takes the digests asked for; the bytes of files that got none are asked for.
   *
   * @param sizeOf the size of a content that is here
   */
  takeDigests(digests: ReadonlyMap<number, Digest>, sizeOf: (digest: Digest) => number | undefined): void {
    const groups = new Map<Digest, Wanted>();
    for (const index of this.#undigested) {
      const digest = digests.get(index);
      const group = digest === undefined ? undefined : groups.get(digest);
      if (group !== undefined) {
        group.indexes.push(index);
        continue;
      }
      const size = digest === undefined ? undefined : sizeOf(digest);
      if (digest !== undefined && size !== undefined) {
        this.#learn(index, digest, size, knowledge.anew);
        continue;
      }
      const wanted = { digest, indexes: [index] };
      this.#wanted.set(index, wanted);
      if (digest !== undefined) groups.set(digest, wanted);
    }
    this.#undigested = new Set();
  }

  /** Takes what a file's bytes turned out to be. Where the client had said otherwise, it changed meanwhile. */
  takeBytes(index: number, digest: Digest, size: number): void {
    const wanted = this.#wanted.get(index);
    if (wanted === undefined) return;
    this.#wanted.delete(index);
    const [, ...others] = wanted.indexes;
    const unchanged = wanted.digest === digest;
    this.#learn(index, digest, size, unchanged ? knowledge.anew : knowledge.changing);
    if (unchanged) for (const other of others) this.#learn(other, digest, size, knowledge.anew);
    else if (others.length > 0) this.#wanted.set(others[0]!, { digest: wanted.digest, indexes: others });
  }

  /** What of the listing may be known by its stamps next time; undefined when that is what was known before. */
  lasting(): KnownFiles | undefined {
    const files = this.#known.length;
    let news = this.#recognized !== this.#knownBefore;
    const kept: number[] = [];
    for (let i = 0; i < files; i++) {
      const isNew = this.#known[i] === knowledge.anew && this.#isLasting(i);
      if (isNew) news = true;
      if (isNew || this.#known[i] === knowledge.byStamp) kept.push(i);
    }
    if (!news) return undefined;
    const digests = Buffer.allocUnsafe(kept.length * digestSize);
    for (const [i, index] of kept.entries())
      this.tree.digest(this.#nodes[index]!).copy(digests, i * digestSize);
    return {
      paths: kept.map((index) => this.#paths[index]!),
      stamps: kept.map((index) => this.#stamps[index]!),
      digests,
    };
  }

  /** Whether every file's stamp tells its content: the same listing is the same context. */
  get isLasting(): boolean {
    return this.#known.every(
      (how, i) =>
        how === knowledge.byStamp ||
        this.#stamps[i] === '' ||
        this.tree.size(this.#nodes[i]!) === 0 ||
        (how === knowledge.anew && this.#isLasting(i)),
    );
  }

  /** The same again, for a build to which nothing had to be sent. */
  again(): HeldContext {
    const { name, tree, contents } = this;
    return {
      name,
      tree,
      contents,
      received: 0,
      whole: true,
      needed: () => this.needed(),
      dispose: this.dispose,
    };
  }

  get files(): number {
    return this.#known.length;
  }

  *needed(): Generator<Digest> {
    for (let i = 0; i < this.#known.length; i++)
      if (this.#known[i] !== knowledge.no && this.#stamps[i] !== '')
        yield this.tree.digestText(this.#nodes[i]!);
  }

  async dispose(): Promise<void> {}

  #add(index: number, file: ListedFile, builder: TreeBuilder, finder: KnownFinder): void {
    const { type, path, size } = file;
    const node = putNamed(builder, file);
    const stamp = type === 'file' ? `${size} ${file.stamp}` : '';
    this.#nodes[index] = node;
    this.#paths.push(path);
    this.#stamps.push(stamp);
    if (type !== 'file') return;
    if (size === 0) {
      this.tree.setDigest(node, emptyDigest);
      this.#known[index] = knowledge.changing;
      return;
    }
    const found = finder.find(path, stamp);
    if (found < 0) {
      this.#undigested.add(index);
      return;
    }
    this.tree.setDigest(node, digestAt(finder.files, found));
    this.#known[index] = knowledge.byStamp;
    this.#recognized += 1;
  }

  #learn(index: number, digest: Digest, size: number, how: number): void {
    const node = this.#nodes[index]!;
    this.tree.setDigest(node, Buffer.from(hexOf(digest), 'hex'));
    this.tree.setSize(node, size);
    this.#known[index] = how;
  }

  #isLasting(index: number): boolean {
    const stamp = this.#stamps[index]!;
    return isLasting(stamp.slice(stamp.indexOf(' ') + 1), this.#listedAt);
  }
}

function putNamed(builder: TreeBuilder, file: ListedFile): number {
  try {
    return builder.put(file.path, file);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const name = JSON.stringify(shownName(file.path.slice(0, 300)));
    throw invalid(`Cannot place ${name} in the context: ${messageOf(error)}`);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const emptyDigest = hash('sha256', Buffer.alloc(0), 'buffer');
