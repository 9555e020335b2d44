import { type FileHandle, open, rename } from 'node:fs/promises';

const pieceSize = 1 << 20;

/**
 * A blob on its way from upstream: written to a file once, read by everyone who wants it while it grows.
 */
export class SharedFetch {
  readonly size: number;
  /** Resolves when all of it came, was right, and lies at its place. */
  readonly done: Promise<void>;
  readonly #path: string;
  readonly #to: string;
  #received = 0;
  #wake = Promise.withResolvers<void>();

  /**
   * @param options.bytes throws at its end when they were not what they should be
   * @param options.path where it grows
   * @param options.to where it goes when it is whole
   */
  constructor(options: {
    readonly size: number;
    readonly bytes: AsyncIterable<Uint8Array>;
    readonly path: string;
    readonly to: string;
  }) {
    this.size = options.size;
    this.#path = options.path;
    this.#to = options.to;
    this.done = this.#run(options.bytes);
    // whoever reads is told by reading
    this.done.catch(() => undefined);
  }

  async #run(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await using file = await open(this.#path, 'wx', 0o600);
      for await (const piece of bytes) {
        await writeWhole(file, piece);
        this.#received += piece.length;
        this.#wakeAll();
      }
      await file.datasync();
      await rename(this.#path, this.#to);
    } finally {
      this.#wakeAll();
    }
  }

  #wakeAll(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** Bytes from `start` on as they come; the last of all only once all are known to be right. @throws what the fetch ended with */
  async *read(start: number, length: number): AsyncGenerator<Uint8Array, void, void> {
    const end = start + length;
    let file: FileHandle | undefined;
    try {
      for (let at = start; at < end; ) {
        if (this.#received <= at) {
          // a fetch that failed wakes everyone for the last time
          await Promise.race([this.#wake.promise, this.done]);
          continue;
        }
        file ??= await open(this.#path, 'r').catch(() => open(this.#to, 'r'));
        const piece = Buffer.allocUnsafe(Math.min(pieceSize, this.#received - at, end - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) throw new Error('the blob ended before its end');
        at += bytesRead;
        if (at === this.size) await this.done;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file?.close();
    }
  }
}

async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
}
