import type { FileHandle } from 'node:fs/promises';

/** Chunks of a socket are at most 64 KiB: as many bytes of them go in one write, less where many files come in at once. */
const pieceSize = { most: 1 << 20, least: 64 << 10, together: 16 << 20 };
let openFiles = 0;

const gathered = (): number =>
  Math.max(pieceSize.least, Math.min(pieceSize.most, pieceSize.together / openFiles));

/** A file that is appended to: chunks are gathered, and one piece is written while the next comes in. */
export class GatheredFile {
  readonly #file: FileHandle;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(file: FileHandle) {
    this.#file = file;
    openFiles += 1;
  }

  /** Takes a chunk, which is not to be changed any more; waits while two pieces are on their way. @throws what a write did */
  async add(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= gathered()) await this.#flush();
  }

  /** Makes all that was added durable. @throws what a write did */
  async sync(): Promise<void> {
    await this.#flush();
    await this.#writing;
    this.check();
    await this.#file.datasync();
  }

  /** Writes what is left. @returns whether all that was added is in the file */
  async close(): Promise<boolean> {
    try {
      await this.#flush();
      await this.#writing;
    } catch {
      // kept for `check`
    }
    openFiles -= 1;
    await this.#file.close();
    return this.#failure === undefined;
  }

  /** @throws what a write did */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #flush(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    await this.#writing;
    this.check();
    if (chunks.length === 0) return;
    this.#writing = writeAll(this.#file, chunks).catch((error: unknown) => {
      this.#failure = error;
    });
  }
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(chunks);
  const all = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  // a disk that fills takes a part, and says so when it is asked for the rest
  if (bytesWritten < all) await file.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
}
