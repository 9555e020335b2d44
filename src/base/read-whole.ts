/**
 * All that a stream gives, where that is no more than so many bytes; it is read no further.
 *
 * @throws what `tooLong` makes, when it is more
 */
export async function readWhole(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLong: () => Error,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
