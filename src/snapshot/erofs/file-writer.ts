import type { FileHandle } from 'node:fs/promises';
import { nr, sysAsync } from '#linux/index.ts';

/** Bytes gathered before a write: small ones cost more than the bytes do. */
const batchSize = 1 << 20;
const mostPieces = 1024; // linux/uio.h, UIO_MAXIOV
/** How often the disk is told to begin with what was written, so that the sync at the end is short. */
const writebackSize = 32 << 20;
const SYNC_FILE_RANGE_WRITE = 2; // linux/fs.h

/** Appends to a file from an offset on; one write is under way while the next is gathered. */
export class FileWriter {
  readonly #file: FileHandle;
  #batch: Uint8Array[] = [];
  #batched = 0;
  #written: number;
  #started: number;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, offset: number) {
    this.#file = file;
    this.#written = offset;
    this.#started = offset;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#written + this.#batched;
  }

  /** Takes the chunk, which must not change any more. Resolves when there is room for another. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batched += chunk.length;
    if (this.#batched >= batchSize) await this.#start();
  }

  async flush(): Promise<void> {
    await this.#start();
    await this.#writing;
  }

  /** Waits for the write under way, then begins the next without waiting. */
  async #start(): Promise<void> {
    await this.#writing;
    const [batch, at, size] = [this.#batch, this.#written, this.#batched];
    this.#batch = [];
    this.#batched = 0;
    this.#written += size;
    this.#writing = this.#put(batch, at);
    this.#writing.catch(() => undefined); // told to the next that waits
  }

  async #put(batch: readonly Uint8Array[], at: number): Promise<void> {
    let done = 0;
    for (let from = 0; from < batch.length; from += mostPieces)
      done += await this.#putPieces(batch.slice(from, from + mostPieces), at + done);
    if (at + done - this.#started < writebackSize) return;
    const [offset, size] = [this.#started, at + done - this.#started];
    this.#started = at + done;
    await sysAsync(nr.sync_file_range, this.#file.fd, offset, size, SYNC_FILE_RANGE_WRITE);
  }

  /** Writes pieces as they are, without copying them together. */
  async #putPieces(pieces: readonly Uint8Array[], at: number): Promise<number> {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    let { bytesWritten } = await this.#file.writev(pieces, at);
    while (bytesWritten < size) {
      const rest = Buffer.concat(pieces).subarray(bytesWritten);
      bytesWritten += (await this.#file.write(rest, 0, rest.length, at + bytesWritten)).bytesWritten;
    }
    return size;
  }
}
