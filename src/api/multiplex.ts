/**
 * The attach stream of a process without a terminal: frames of an eight-byte header (stream, three zeros, big-endian
 * length) and as many bytes.
 *
 * @see Engine API, ContainerAttach § Stream format
 */
export const frameHeaderLength = 8;

/** Number of each stream in a frame's header; `system` carries an error of the daemon. */
export const streamNumber = { stdin: 0, stdout: 1, stderr: 2, system: 3 } as const;
export type StreamName = keyof typeof streamNumber;

/** A piece of a frame's bytes: a frame may come in several pieces, and an empty frame in none. */
export interface FramePiece {
  readonly stream: StreamName;
  readonly bytes: Uint8Array;
}

/** One frame. */
export function encodeFrame(stream: StreamName, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameHeaderLength + bytes.length);
  frame[0] = streamNumber[stream];
  new DataView(frame.buffer).setUint32(4, bytes.length);
  frame.set(bytes, frameHeaderLength);
  return frame;
}

/** Takes a stream of frames apart, however its chunks are cut. */
export class FrameDecoder {
  readonly #header = new Uint8Array(frameHeaderLength);
  #headerBytes = 0;
  #left = 0;
  #stream: StreamName = 'stdout';

  /** @throws {RangeError} for a stream number that is none */
  *push(chunk: Uint8Array): Generator<FramePiece> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        const taken = Math.min(frameHeaderLength - this.#headerBytes, chunk.length - at);
        this.#header.set(chunk.subarray(at, at + taken), this.#headerBytes);
        this.#headerBytes += taken;
        at += taken;
        if (this.#headerBytes === frameHeaderLength) this.#open();
      } else {
        const bytes = chunk.subarray(at, at + this.#left);
        this.#left -= bytes.length;
        at += bytes.length;
        yield { stream: this.#stream, bytes };
      }
    }
  }

  /** Whether the stream may end here. */
  get whole(): boolean {
    return this.#left === 0 && this.#headerBytes === 0;
  }

  #open(): void {
    const name = streamNames[this.#header[0]!];
    if (name === undefined) throw new RangeError(`Unrecognized stream: ${this.#header[0]}`);
    this.#stream = name;
    this.#left = new DataView(this.#header.buffer).getUint32(4);
    this.#headerBytes = 0;
  }
}

const streamNames: readonly StreamName[] = ['stdin', 'stdout', 'stderr', 'system'];
