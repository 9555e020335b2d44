import { host } from './host.ts';

/** FIPS 180-4 § 5.3.3 */
const initial = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** A SHA-256 that takes bytes as they come. */
export class Sha256 {
  readonly #state = new Uint32Array(26);

  constructor() {
    this.#state.set(initial);
  }

  update(bytes: Uint8Array, length = bytes.length): this {
    host.sha256(this.#state, bytes, length);
    return this;
  }

  /** Ends it. */
  hex(): string {
    host.sha256(this.#state, this.#state, -1);
    let text = '';
    for (const byte of new Uint8Array(this.#state.buffer, 0, 32)) text += digits[byte]!;
    return text;
  }
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export const sha256Hex = (bytes: Uint8Array): string => new Sha256().update(bytes).hex();
