const LENGTH_BYTES = 2;

/** A message as it goes by TCP: after its length. */
export function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Messages out of the pieces of a TCP stream: at most one unfinished is kept, of at most 64 KiB. */
export class Frames {
  #part = Buffer.alloc(LENGTH_BYTES);
  #filled = 0;
  /** What is being filled is a message, not its length. */
  #isMessage = false;

  /** The messages that end within a piece. To be read to the end before the next piece is given. */
  *take(piece: Uint8Array): Generator<Buffer> {
    let rest = piece;
    while (rest.length > 0) {
      const some = rest.subarray(0, this.#part.length - this.#filled);
      this.#part.set(some, this.#filled);
      this.#filled += some.length;
      rest = rest.subarray(some.length);
      if (this.#filled < this.#part.length) return;
      const whole = this.#part;
      const next = this.#isMessage ? LENGTH_BYTES : whole.readUInt16BE(0);
      if (this.#isMessage) yield whole;
      this.#isMessage = !this.#isMessage && next > 0;
      this.#part = Buffer.alloc(next > 0 ? next : LENGTH_BYTES);
      this.#filled = 0;
    }
  }
}
