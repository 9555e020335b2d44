import { frameAt, frameSizeAt, headerSize, noNewline, trailerSize } from './frame.ts';

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

/**
 * Rewrites whole log frames as what goes over the wire.
 *
 * @returns the output, and how many bytes of `bytes` it covers: the rest is a frame that is not whole yet
 */
export function convert(
  bytes: Buffer,
  selection: Selection,
): { readonly output: Buffer; readonly used: number } {
  return isPlain(selection) ? convertAll(bytes, selection.framed) : convertSome(bytes, selection);
}

const isPlain = (selection: Selection): boolean =>
  selection.stdout &&
  selection.stderr &&
  !selection.timestamps &&
  selection.since === undefined &&
  selection.until === undefined;

/** The bulk path: nothing to look at but lengths. A frame never grows, since 20 bytes of overhead become 9 at most. */
function convertAll(bytes: Buffer, framed: boolean): { readonly output: Buffer; readonly used: number } {
  const output = Buffer.allocUnsafe(bytes.length);
  let used = 0;
  let filled = 0;
  for (let size = frameSizeAt(bytes, 0); size > 0; size = frameSizeAt(bytes, used)) {
    const end = used + size - trailerSize;
    const start = used + headerSize;
    const lineEnd = needsNewline(bytes, used, end) ? 1 : 0;
    if (framed) filled = putHeader(output, filled, bytes[used + 4]!, end - start + lineEnd);
    output.set(bytes.subarray(start, end), filled);
    filled += end - start;
    if (lineEnd === 1) output[filled++] = newline;
    used += size;
  }
  return { output: output.subarray(0, filled), used };
}

function convertSome(
  bytes: Buffer,
  selection: Selection,
): { readonly output: Buffer; readonly used: number } {
  const pieces: Buffer[] = [];
  let used = 0;
  for (let size = frameSizeAt(bytes, 0); size > 0; size = frameSizeAt(bytes, used)) {
    const frame = frameAt(bytes, used);
    if (isWanted(frame, selection)) {
      const stamp = selection.timestamps ? `${formatTime(frame.nanoseconds)} ` : '';
      const lineEnd = needsNewline(bytes, used, used + size - trailerSize) ? '\n' : '';
      const body = Buffer.concat([Buffer.from(stamp), frame.payload, Buffer.from(lineEnd)]);
      const header = Buffer.alloc(selection.framed ? dockerHeaderSize : 0);
      if (selection.framed) putHeader(header, 0, frame.stream, body.length);
      pieces.push(header, body);
    }
    used += size;
  }
  return { output: Buffer.concat(pieces), used };
}

function isWanted(
  frame: { readonly stream: number; readonly nanoseconds: bigint },
  { stdout, stderr, since, until }: Selection,
): boolean {
  if (!(frame.stream === 2 ? stderr : stdout)) return false;
  return (
    (since === undefined || frame.nanoseconds >= since) && (until === undefined || frame.nanoseconds <= until)
  );
}

const needsNewline = (bytes: Buffer, frame: number, payloadEnd: number): boolean =>
  (bytes[frame + 5]! & noNewline) === 0 &&
  (payloadEnd === frame + headerSize || bytes[payloadEnd - 1] !== newline);

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
