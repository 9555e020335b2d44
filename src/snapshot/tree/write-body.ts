import { ftruncateSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { PlacedEntry } from '#archive/tar-entry.ts';

const writeAsync = promisify(write);
/** Below this a write is quicker than asking the worker pool for one. */
const smallWrite = 128 << 10;

/** Writes a body where it belongs: a sparse file's segments each to their offset. */
export async function writeBody(
  fd: number,
  entry: PlacedEntry,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const segments = entry.sparse ?? [{ offset: 0, length: entry.size }];
  let segment = 0;
  let done = 0; // of the segment
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; ) {
      const { offset, length } = segments[segment]!;
      const size = Math.min(chunk.length - from, length - done);
      await writeAll(fd, chunk.subarray(from, from + size), offset + done);
      from += size;
      done += size;
      if (done < length) continue;
      segment += 1;
      done = 0;
    }
  }
  if (entry.sparse !== undefined) ftruncateSync(fd, entry.size);
}

async function writeAll(fd: number, bytes: Uint8Array, at: number): Promise<void> {
  for (let from = 0; from < bytes.length; ) {
    const left = bytes.length - from;
    if (left <= smallWrite) from += writeSync(fd, bytes, from, left, at + from);
    else from += (await writeAsync(fd, bytes, from, left, at + from)).bytesWritten;
  }
}
