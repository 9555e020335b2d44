/**
 * The log file's frame, as the shim appends it (native/protocol.h § log):
 *
 *     u32 length · u8 stream · u8 flags · u16 0 · i64 nanoseconds since 1970 | payload | u32 length
 *
 * All little-endian. A payload is what one read gave: lines, pieces of lines, anything. The length stands at both ends, so
 * that a reader can walk backwards.
 */
export const headerSize = 16;
export const trailerSize = 4;
/** What a frame takes beyond its payload. */
export const overhead = headerSize + trailerSize;

/** Flag: the payload does not end in a newline. */
export const partial = 1;

/** 1 is stdout, 2 stderr: Docker's numbers of its own frames. */
export type Stream = 1 | 2;

/** Longer payloads do not occur: a length beyond is a damaged file. */
export const maxPayload = 1 << 24;

/** Where a frame lies in a buffer. */
export interface Frame {
  readonly stream: number;
  readonly flags: number;
  readonly nanoseconds: bigint;
  readonly payload: Uint8Array;
  /** Offset of the next frame. */
  readonly next: number;
}

/**
 * The whole size of the frame at `offset`.
 *
 * @returns 0 when the buffer ends before the frame does
 */
export function frameSizeAt(bytes: Buffer, offset: number): number {
  if (bytes.length - offset < headerSize) return 0;
  const size = bytes.readUInt32LE(offset) + overhead;
  return bytes.length - offset < size ? 0 : size;
}

/** The frame at `offset`, which must be whole. */
export function frameAt(bytes: Buffer, offset: number): Frame {
  const length = bytes.readUInt32LE(offset);
  const start = offset + headerSize;
  return {
    stream: bytes[offset + 4]!,
    flags: bytes[offset + 5]!,
    nanoseconds: bytes.readBigInt64LE(offset + 8),
    payload: bytes.subarray(start, start + length),
    next: start + length + trailerSize,
  };
}

/** A frame's bytes: what the shim writes, for tests and for tools that make logs. */
export function encodeFrame(frame: {
  readonly stream: Stream;
  readonly nanoseconds: bigint;
  readonly payload: string | Uint8Array;
  readonly flags?: number;
}): Buffer {
  const payload = Buffer.from(frame.payload);
  const bytes = Buffer.alloc(payload.length + overhead);
  bytes.writeUInt32LE(payload.length, 0);
  bytes[4] = frame.stream;
  bytes[5] = frame.flags ?? 0;
  bytes.writeBigInt64LE(frame.nanoseconds, 8);
  payload.copy(bytes, headerSize);
  bytes.writeUInt32LE(payload.length, headerSize + payload.length);
  return bytes;
}
