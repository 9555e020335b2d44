import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '#base/replace-file.ts';
import type { Digest } from '#oci/digest.ts';

export interface PackedFile {
  readonly digest: Digest;
  readonly offset: number;
  readonly size: number;
}

const pieceSize = 1 << 20;

/**
 * Writes a pack: files end to end, hashed on the way. `append` only collects; `flush`, to be awaited now and then, writes.
 * The file is made when there is something to write, and removed when the writer is disposed before `finish`.
 */
export class PackWriter implements AsyncDisposable {
  readonly name: string;
  readonly #path: string;
  readonly #files: PackedFile[] = [];
  #file: FileHandle | undefined;
  #hash: Hash | undefined;
  #start = 0;
  #size = 0;
  #full: Buffer[] = [];
  #piece: Buffer | undefined;
  #inPiece = 0;
  #finished = false;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    this.#hash ??= createHash('sha256');
    this.#hash.update(bytes);
    this.#size += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      this.#piece ??= Buffer.allocUnsafeSlow(pieceSize);
      const part = bytes.subarray(at, at + pieceSize - this.#inPiece);
      this.#piece.set(part, this.#inPiece);
      at += part.length;
      this.#inPiece += part.length;
      if (this.#inPiece < pieceSize) continue;
      this.#full.push(this.#piece);
      this.#piece = undefined;
      this.#inPiece = 0;
    }
  }

  /** Ends a file. */
  endFile(): PackedFile {
    const digest: Digest = `sha256:${(this.#hash ?? createHash('sha256')).digest('hex')}`;
    const file = { digest, offset: this.#start, size: this.#size - this.#start };
    this.#hash = undefined;
    this.#start = this.#size;
    this.#files.push(file);
    return file;
  }

  /** Writes what fills whole pieces. */
  async flush(): Promise<void> {
    const pieces = this.#full;
    this.#full = [];
    for (const piece of pieces) await this.#write(piece);
  }

  /** Writes the rest, and makes the file durable. @returns what is in it: nothing when no file was made */
  async finish(): Promise<readonly PackedFile[]> {
    await this.flush();
    if (this.#piece !== undefined) await this.#write(this.#piece.subarray(0, this.#inPiece));
    this.#piece = undefined;
    if (this.#file === undefined) return [];
    await this.#file.sync();
    await syncDirectory(dirname(this.#path));
    await this.#file.close();
    this.#file = undefined;
    this.#finished = true;
    return this.#files;
  }

  /** To be called when what `finish` gave is recorded nowhere after all. */
  async discard(): Promise<void> {
    this.#finished = false;
    await rm(this.#path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
    if (file !== undefined && !this.#finished) await rm(this.#path, { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, 'wx', 0o600);
    await this.#file.writeFile(bytes);
  }
}
