import { compressionOf, peeked } from '#archive/compression.ts';
import { readTar } from '#archive/read-tar.ts';
import { uncompressed } from '../context/uncompressed.ts';

/** Whether a file is a tar, compressed or not: its first header says so. */
export async function isArchive(source: AsyncIterable<Uint8Array>): Promise<boolean> {
  const { start, whole } = await peeked(source, 512);
  const compression = compressionOf(start);
  const looksPlain = start.length === 512 && hasChecksum(start);
  if (compression === 'none' && !looksPlain) {
    await whole[Symbol.asyncIterator]().return?.();
    return false;
  }
  try {
    for await (const _ of readTar(uncompressed(whole))) return true;
  } catch {
    // compressed, and no tar inside
  }
  return false;
}

/** @see POSIX ustar: the sum of a header's bytes, its own field taken as blanks */
function hasChecksum(header: Uint8Array): boolean {
  const text = Buffer.from(header.subarray(148, 156)).toString('latin1');
  const want = Number.parseInt(text.replace(/[\0 ]+$/g, '').trim(), 8);
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 0x20 : header[at]!;
  return sum === want;
}
