import type { FileHandle } from 'node:fs/promises';

/**
 * What goes in one write, at most; less where many files come in at once. Chunks of a socket are copied together: kept for
 * themselves they would outlive the young generation, and pile up until the whole heap is collected.
 */
const pieceSize = { most: 512 << 10, least: 64 << 10, together: 8 << 20 };
/** Pieces of the largest size that are not in use. */
const spare: Buffer[] = [];
const mostSpare = 16;
let openFiles = 0;

function newPiece(): Buffer {
  const share = Math.floor(pieceSize.together / openFiles);
  const size = Math.max(pieceSize.least, Math.min(pieceSize.most, share));
  return (size === pieceSize.most ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
}

function putBack(piece: Buffer): void {
  if (piece.length === pieceSize.most && spare.length < mostSpare) spare.push(piece);
}

/** A file that is appended to: chunks are gathered, and one piece is written while the next comes in. */
export class GatheredFile {
  readonly #file: FileHandle;
  #piece: Buffer | undefined;
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(file: FileHandle) {
    this.#file = file;
    openFiles += 1;
  }

  /** Takes a chunk; waits while two pieces are on their way. @throws what a write did */
  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      this.#piece ??= newPiece();
      const taken = Math.min(chunk.length - at, this.#piece.length - this.#size);
      this.#piece.set(chunk.subarray(at, at + taken), this.#size);
      this.#size += taken;
      at += taken;
      if (this.#size === this.#piece.length) await this.#flush();
    }
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
    const piece = this.#piece;
    const size = this.#size;
    this.#piece = undefined;
    this.#size = 0;
    await this.#writing;
    this.check();
    if (piece === undefined) return;
    this.#writing = writeAll(this.#file, piece.subarray(0, size))
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => putBack(piece));
  }
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  // a disk that fills takes a part, and says so when it is asked for the rest
  for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
}
