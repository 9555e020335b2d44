import type { PlacedEntry } from '#archive/tar-entry.ts';
import { TarParser } from '#archive/tar-parser.ts';
import { invalid } from '#base/errors.ts';
import type { OfferedContext } from './offered-context.ts';
import type { PackedFile, PackWriter } from './pack-writer.ts';
import { uncompressed } from './uncompressed.ts';

/**
 * Writes the files of a tar, each named by its index in the listing of a context, to a pack.
 *
 * @returns what each turned out to be, by index
 * @throws {EngineError} `invalid` naming the entry; what the source and the signal throw
 */
export async function receiveFiles(
  tar: AsyncIterable<Uint8Array>,
  context: OfferedContext,
  options: { readonly writer: PackWriter; readonly signal: AbortSignal | undefined },
): Promise<ReadonlyMap<number, PackedFile>> {
  const { writer, signal } = options;
  const found = new Map<number, PackedFile>();
  let left = 0;
  let index = -1;
  const parser = new TarParser({
    entry: (entry) => {
      index = indexOf(entry, context);
      if (found.has(index)) throw invalid(`file ${index} of the build context is sent twice`);
      left = entry.size;
      if (left === 0) found.set(index, writer.endFile());
    },
    data: (bytes) => {
      writer.append(bytes);
      left -= bytes.length;
      if (left === 0) found.set(index, writer.endFile());
    },
  });
  for await (const chunk of uncompressed(counted(tar, context))) {
    signal?.throwIfAborted();
    parser.write(chunk);
    await writer.flush();
  }
  parser.end();
  return found;
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  context: OfferedContext,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    context.received += chunk.length;
    yield chunk;
  }
}

function indexOf({ name, type, sparse }: PlacedEntry, context: OfferedContext): number {
  const index = /^(?:0|[1-9]\d{0,6})$/.test(name) ? Number(name) : -1;
  if (type !== 'file' || sparse !== undefined || !context.wants(index))
    throw invalid(`${JSON.stringify(name.slice(0, 300))} is no file that was asked for`);
  return index;
}
