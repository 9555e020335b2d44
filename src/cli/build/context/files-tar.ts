/**
 * A tar of files named by numbers, as the daemon asks for them: plain headers, written without the larger writer of
 * `#archive` since the small host lacks what that one stands on.
 */
export interface NumberedFile {
  readonly name: number;
  readonly size: number;
  /** No fewer bytes: it fails where there are. More are left out. */
  open(): AsyncIterable<Uint8Array>;
}

const blockSize = 512;
const batchSize = 1 << 18;

export async function* filesTar(files: Iterable<NumberedFile>): AsyncGenerator<Uint8Array, void, void> {
  const batch = new Batch();
  for (const file of files) {
    yield* batch.add(headerOf(file));
    let left = file.size;
    if (left > 0) {
      for await (const chunk of file.open()) {
        const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
        left -= part.length;
        yield* batch.add(part);
        if (left === 0) break;
      }
    }
    const over = file.size % blockSize;
    if (over > 0) yield* batch.add(new Uint8Array(blockSize - over));
  }
  yield* batch.add(new Uint8Array(2 * blockSize));
  yield* batch.rest();
}

/** Gathers small pieces: each write to a socket costs as much as thousands of bytes in it. */
class Batch {
  #bytes = new Uint8Array(batchSize);
  #length = 0;

  *add(bytes: Uint8Array): Generator<Uint8Array, void, void> {
    if (this.#length + bytes.length > batchSize) yield* this.rest();
    if (bytes.length > batchSize / 2) {
      yield* this.rest();
      yield bytes;
      return;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  *rest(): Generator<Uint8Array, void, void> {
    if (this.#length === 0) return;
    const whole = this.#bytes.subarray(0, this.#length);
    // who gets the bytes may keep them
    this.#bytes = new Uint8Array(batchSize);
    this.#length = 0;
    yield whole;
  }
}

/** A header of a regular file. @see POSIX.1-1988 ustar; sizes past 8 GiB in base 256, as GNU tar writes them */
function headerOf({ name, size }: NumberedFile): Uint8Array {
  const header = new Uint8Array(blockSize);
  const put = (text: string, at: number) => {
    for (let i = 0; i < text.length; i++) header[at + i] = text.charCodeAt(i);
  };
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  put(String(name), 0);
  put(octal(0o644, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  if (size < 8 ** 11) put(octal(size, 11), 124);
  else {
    header[124] = 0x80;
    let rest = size;
    for (let at = 135; at > 124 && rest > 0; at--) {
      header[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
  put(octal(0, 11), 136);
  put('        0', 148);
  put('ustar\x0000', 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
