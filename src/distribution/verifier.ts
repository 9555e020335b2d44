import { createHash, type Hash } from 'node:crypto';
import { invalid } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';

/** Holds bytes against the digest and the size they were announced with, while they pass. */
export class Verifier {
  readonly #digest: Digest;
  readonly #size: number;
  readonly #hash: Hash;
  /** Bytes seen. */
  received = 0;

  constructor(announced: { readonly digest: Digest; readonly size: number }) {
    this.#digest = announced.digest;
    this.#size = announced.size;
    this.#hash = createHash(announced.digest.slice(0, announced.digest.indexOf(':')));
  }

  /** @throws {EngineError} `invalid` as soon as there are too many */
  add(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.received > this.#size)
      throw invalid(`${this.#digest} is longer than the ${this.#size} bytes announced`);
    this.#hash.update(chunk);
  }

  /** @throws {EngineError} `invalid` when it was not what was announced. Docker's words */
  finish(): void {
    if (this.received !== this.#size)
      throw invalid(`${this.#digest} is ${this.received} bytes long, not ${this.#size} as announced`);
    const digest = `${this.#digest.slice(0, this.#digest.indexOf(':'))}:${this.#hash.digest('hex')}`;
    if (digest !== this.#digest)
      throw invalid(`filesystem layer verification failed for digest ${this.#digest}`);
  }
}
