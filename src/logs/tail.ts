import type { FileHandle } from 'node:fs/promises';
import { frameSizeAt, maxPayload, noNewline, overhead, trailerSize } from './frame.ts';

const blockSize = 1 << 16;

/**
 * Where the last `lines` lines of a log file begin, found from its end backwards.
 *
 * A line in several pieces counts once.
 *
 * @returns the offset, and how many lines lie behind it: fewer than asked for when the file has no more
 */
export async function tailOffset(
  file: FileHandle,
  end: number,
  lines: number,
): Promise<{ readonly offset: number; readonly lines: number }> {
  const window = new BackwardWindow(file);
  let offset = end;
  let found = 0;
  let isLast = true;
  while (offset > 0) {
    const start = await frameBefore(window, offset);
    const { flags } = await frameHead(window, start);
    if (isLast || (flags & noNewline) === 0) {
      if (found === lines) break;
      found += 1;
    }
    isLast = false;
    offset = start;
  }
  return { offset, lines: found };
}

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

async function frameHead(
  window: BackwardWindow,
  start: number,
): Promise<{ length: number; stream: number; flags: number }> {
  const bytes = await window.read(start, 6);
  return { length: bytes.readUInt32LE(0), stream: bytes[4]!, flags: bytes[5]! };
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
      this.#start = Math.max(0, end - blockSize);
      const block = Buffer.alloc(end - this.#start);
      await this.#file.read(block, 0, block.length, this.#start);
      this.#block = block;
    }
    return this.#block.subarray(offset - this.#start, end - this.#start);
  }
}
