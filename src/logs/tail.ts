import type { FileHandle } from 'node:fs/promises';
import { frameSizeAt, headerSize, maxPayload, overhead, trailerSize } from './frame.ts';

const blockSize = 1 << 18;

/** Where a tail begins: in the payload of the frame at `offset`, `skip` bytes in. */
export interface TailStart {
  readonly offset: number;
  readonly skip: number;
  /** Line ends still to be found in older files; 0 when the tail begins here. */
  readonly missing: number;
}

/**
 * Where the last lines of a log file begin, found from its end backwards.
 *
 * @param lineEnds how many newlines to go back over, the one that ends the whole log not counting
 * @param isNewest whether this is the file that the log ends with
 */
export async function tailStart(
  file: FileHandle,
  end: number,
  options: { readonly lineEnds: number; readonly isNewest: boolean },
): Promise<TailStart> {
  const window = new BackwardWindow(file);
  let missing = options.lineEnds;
  let isLast = options.isNewest;
  for (let offset = end; offset > 0; ) {
    const start = await frameBefore(window, offset);
    const payload = await window.read(start + headerSize, offset - start - overhead);
    let at = isLast && payload.at(-1) === newline ? payload.length - 1 : payload.length;
    for (at = lastNewline(payload, at); at >= 0; at = lastNewline(payload, at)) {
      missing -= 1;
      if (missing === 0) return { offset: start, skip: at + 1, missing };
    }
    isLast = false;
    offset = start;
  }
  return { offset: 0, skip: 0, missing };
}

const newline = 0x0a;
const lastNewline = (payload: Buffer, before: number): number =>
  before === 0 ? -1 : payload.lastIndexOf(newline, before - 1);

/**
 * The end of the last whole frame at or before `size`: a writer may be in the middle of one.
 */
export async function wholeEnd(file: FileHandle, size: number): Promise<number> {
  const window = new BackwardWindow(file);
  if (size === 0 || (await isBoundary(window, size))) return size;
  return forwardEnd(file, size);
}

async function isBoundary(window: BackwardWindow, offset: number): Promise<boolean> {
  if (offset < overhead) return false;
  const length = (await window.read(offset - trailerSize, trailerSize)).readUInt32LE(0);
  const start = offset - overhead - length;
  if (length > maxPayload || start < 0) return false;
  const head = await frameHead(window, start);
  return head.length === length && (head.stream === 1 || head.stream === 2);
}

async function frameBefore(window: BackwardWindow, offset: number): Promise<number> {
  const length = (await window.read(offset - trailerSize, trailerSize)).readUInt32LE(0);
  return Math.max(0, offset - overhead - length);
}

async function frameHead(window: BackwardWindow, start: number): Promise<{ length: number; stream: number }> {
  const bytes = await window.read(start, 5);
  return { length: bytes.readUInt32LE(0), stream: bytes[4]! };
}

/** The slow way, for a file whose end is torn: over every frame from its beginning. */
async function forwardEnd(file: FileHandle, size: number): Promise<number> {
  let offset = 0;
  const block = Buffer.alloc(1 << 20);
  while (offset < size) {
    const { bytesRead } = await file.read(block, 0, Math.min(block.length, size - offset), offset);
    const bytes = block.subarray(0, bytesRead);
    let used = 0;
    for (let step = frameSizeAt(bytes, 0); step > 0; step = frameSizeAt(bytes, used)) used += step;
    if (used === 0) {
      const length = bytes.length >= 4 ? bytes.readUInt32LE(0) : maxPayload + 1;
      if (length > maxPayload || offset + length + overhead > size) return offset;
      used = length + overhead;
    }
    offset += used;
  }
  return offset;
}

/** Reads small pieces in falling order from big blocks. */
class BackwardWindow {
  readonly #file: FileHandle;
  #block: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const end = offset + length;
    if (offset < this.#start || end > this.#start + this.#block.length) {
      this.#start = Math.min(offset, Math.max(0, end - blockSize));
      const block = Buffer.alloc(end - this.#start);
      await this.#file.read(block, 0, block.length, this.#start);
      this.#block = block;
    }
    return this.#block.subarray(offset - this.#start, end - this.#start);
  }
}
