import { frameAt, frameSizeAt, headerSize, trailerSize } from './frame.ts';

/** What a reader wants to see of each frame, and in which form. */
export interface Selection {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  /** Nanoseconds since 1970, inclusive. */
  readonly since?: bigint;
  readonly until?: bigint;
  /** Docker's multiplexed frames; otherwise the bare bytes, as under a terminal. */
  readonly framed: boolean;
}

const newline = 0x0a;
const dockerHeaderSize = 8;

/** Rewrites log frames, in their order, as what goes over the wire. */
export class Converter {
  readonly #selection: Selection;
  /** Streams that are in the middle of a line. */
  readonly #midLine = new Set<number>();
  #skip: number;

  /** @param skip bytes of the first frame's payload that are passed over */
  constructor(selection: Selection, skip = 0) {
    this.#selection = selection;
    this.#skip = skip;
  }

  /** @returns the output, and how many bytes of `bytes` it covers: the rest is a frame that is not whole yet */
  convert(bytes: Buffer): { readonly output: Buffer; readonly used: number } {
    return isPlain(this.#selection) && this.#skip === 0 ? this.#all(bytes) : this.#some(bytes);
  }

  /** The bulk path: nothing to look at but lengths, and no frame grows. */
  #all(bytes: Buffer): { readonly output: Buffer; readonly used: number } {
    const output = Buffer.allocUnsafe(bytes.length);
    let used = 0;
    let filled = 0;
    for (let size = frameSizeAt(bytes, 0); size > 0; size = frameSizeAt(bytes, used)) {
      const start = used + headerSize;
      const end = used + size - trailerSize;
      if (this.#selection.framed) filled = putHeader(output, filled, bytes[used + 4]!, end - start);
      output.set(bytes.subarray(start, end), filled);
      filled += end - start;
      used += size;
    }
    return { output: output.subarray(0, filled), used };
  }

  #some(bytes: Buffer): { readonly output: Buffer; readonly used: number } {
    const pieces: Uint8Array[] = [];
    let used = 0;
    for (let size = frameSizeAt(bytes, 0); size > 0; size = frameSizeAt(bytes, used)) {
      const frame = frameAt(bytes, used);
      const payload = frame.payload.subarray(this.#skip);
      this.#skip = 0;
      if (payload.length > 0 && isWanted(frame, this.#selection)) {
        const body = this.#selection.timestamps ? this.#stamped(payload, frame) : [payload];
        if (this.#selection.framed) pieces.push(dockerHeader(frame.stream, body));
        pieces.push(...body);
      }
      used += size;
    }
    return { output: Buffer.concat(pieces), used };
  }

  /** Each line with its frame's time before it; what continues a line has none. */
  #stamped(
    payload: Uint8Array,
    { stream, nanoseconds }: { readonly stream: number; readonly nanoseconds: bigint },
  ): Uint8Array[] {
    const stamp = Buffer.from(`${formatTime(nanoseconds)} `);
    const pieces: Uint8Array[] = [];
    for (let start = 0; start < payload.length; ) {
      const end = payload.indexOf(newline, start) + 1 || payload.length;
      if (!this.#midLine.delete(stream)) pieces.push(stamp);
      pieces.push(payload.subarray(start, end));
      start = end;
    }
    if (payload.at(-1) !== newline) this.#midLine.add(stream);
    return pieces;
  }
}

const isPlain = (selection: Selection): boolean =>
  selection.stdout &&
  selection.stderr &&
  !selection.timestamps &&
  selection.since === undefined &&
  selection.until === undefined;

function isWanted(
  frame: { readonly stream: number; readonly nanoseconds: bigint },
  { stdout, stderr, since, until }: Selection,
): boolean {
  if (!(frame.stream === 2 ? stderr : stdout)) return false;
  return (
    (since === undefined || frame.nanoseconds >= since) && (until === undefined || frame.nanoseconds <= until)
  );
}

function dockerHeader(stream: number, body: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(dockerHeaderSize);
  putHeader(
    header,
    0,
    stream,
    body.reduce((sum, { length }) => sum + length, 0),
  );
  return header;
}

/** Docker's frame header: stream, three zeros, length big-endian. @see Engine API, ContainerAttach § Stream format */
function putHeader(output: Buffer, at: number, stream: number, length: number): number {
  output[at] = stream;
  output[at + 1] = output[at + 2] = output[at + 3] = 0;
  output.writeUInt32BE(length, at + 4);
  return at + dockerHeaderSize;
}

/** RFC 3339 with all nine digits, as `docker logs -t` shows it. */
export function formatTime(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, '0');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
