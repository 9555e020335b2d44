/** What a tree of files keeps of each node, in columns that grow together: some 60 bytes a node, no object. */
export class Columns {
  #types = new Uint8Array(64);
  #modes = new Uint16Array(64);
  #sizes = new Float64Array(64);
  #offsets = new Float64Array(64);
  #digests = Buffer.alloc(64 * digestSize);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns the node's number */
  add(type: number, mode: number, size: number, offset: number): number {
    if (this.#count === this.#types.length) this.#grow();
    const node = this.#count++;
    this.#types[node] = type;
    this.#modes[node] = mode;
    this.#sizes[node] = size;
    this.#offsets[node] = offset;
    return node;
  }

  type(node: number): number {
    return this.#types[node]!;
  }

  mode(node: number): number {
    return this.#modes[node]!;
  }

  setMode(node: number, mode: number): void {
    this.#modes[node] = mode;
  }

  size(node: number): number {
    return this.#sizes[node]!;
  }

  setSize(node: number, size: number): void {
    this.#sizes[node] = size;
  }

  /** Where its bytes begin; -1 when only its digest leads to them. */
  offset(node: number): number {
    return this.#offsets[node]!;
  }

  /** Of a file: 32 bytes, as a view. */
  digest(node: number): Buffer {
    return this.#digests.subarray(node * digestSize, (node + 1) * digestSize);
  }

  /** The 32 bytes as a byte string. */
  digestBytes(node: number): string {
    return this.#digests.toString('latin1', node * digestSize, (node + 1) * digestSize);
  }

  setDigest(node: number, digest: Uint8Array): void {
    this.#digests.set(digest, node * digestSize);
  }

  #grow(): void {
    const length = this.#types.length * 2;
    this.#types = grown(this.#types, new Uint8Array(length));
    this.#modes = grown(this.#modes, new Uint16Array(length));
    this.#sizes = grown(this.#sizes, new Float64Array(length));
    this.#offsets = grown(this.#offsets, new Float64Array(length));
    this.#digests = grown(this.#digests, Buffer.alloc(length * digestSize));
  }
}

/** Bytes of a sha256. */
export const digestSize = 32;

function grown<T extends Uint8Array | Uint16Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
