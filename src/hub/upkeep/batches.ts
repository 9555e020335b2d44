/** So many at a time are asked for in the records. */
export const batchSize = 256;

export async function* batches<T>(
  source: AsyncIterable<T>,
  signal?: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of source) {
    signal?.throwIfAborted();
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
