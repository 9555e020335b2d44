import { type FileHandle, open } from 'node:fs/promises';
import type { Segment } from '#archive/tar-entry.ts';
import { internal } from '#base/errors.ts';

const readSize = 1 << 20;
/** Ranges that begin this little after the end of the one before are taken to be read in order. */
const nearby = 1 << 16;

/**
 * Reads ranges of one file. Small ones that are asked for in order (as the files of a directory are) come out of one read
 * of 1 MiB. The file is opened at the first read.
 */
export class FileRanges implements AsyncDisposable {
  readonly #path: string;
  #file: Promise<FileHandle> | undefined;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #lastEnd = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Opens the file: from then on it may lose its name. @throws what opening throws */
  async opened(): Promise<FileHandle> {
    if (this.#closed) throw internal(`The file ${this.#path} is closed`);
    this.#file ??= open(this.#path, 'r');
    return this.#file;
  }

  async *read(offset: number, size: number): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < size; ) {
      const piece = await this.#piece(offset + done, size - done);
      done += piece.length;
      yield piece;
    }
  }

  /** A sparse file: its segments are stored end to end from `offset` on, the rest are zeros. */
  async *readSparse(offset: number, size: number, segments: readonly Segment[]): AsyncGenerator<Uint8Array> {
    let at = 0;
    let stored = offset;
    for (const segment of segments) {
      yield* zeros(segment.offset - at);
      yield* this.read(stored, segment.length);
      stored += segment.length;
      at = segment.offset + segment.length;
    }
    yield* zeros(size - at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#window = Buffer.alloc(0);
    await (await this.#file?.catch(() => undefined))?.close();
    this.#file = undefined;
  }

  /** Some bytes from `offset` on: at least one, at most `size`. */
  async #piece(offset: number, size: number): Promise<Uint8Array> {
    const inOrder = offset >= this.#lastEnd && offset - this.#lastEnd <= nearby;
    this.#lastEnd = offset + Math.min(size, readSize);
    const skip = offset - this.#windowStart;
    if (skip >= 0 && skip + Math.min(size, 1) <= this.#window.length)
      return this.#window.subarray(skip, skip + size);
    const bytes = await this.#bytes(offset, inOrder ? readSize : Math.min(size, readSize));
    if (bytes.length === 0) throw internal(`The file ${this.#path} is shorter than it was`);
    if (size < bytes.length) {
      this.#window = bytes;
      this.#windowStart = offset;
    }
    return bytes.subarray(0, size);
  }

  async #bytes(offset: number, size: number): Promise<Buffer> {
    const file = await this.opened();
    const buffer = Buffer.allocUnsafeSlow(size);
    const { bytesRead } = await file.read(buffer, 0, size, offset);
    return buffer.subarray(0, bytesRead);
  }
}

const zeroPiece = Buffer.alloc(1 << 16);

function* zeros(size: number): Generator<Uint8Array> {
  for (let left = size; left > 0; left -= zeroPiece.length)
    yield left < zeroPiece.length ? zeroPiece.subarray(0, left) : zeroPiece;
}
