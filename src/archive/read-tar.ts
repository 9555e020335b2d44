import type { TarLimits } from './limits.ts';
import type { PlacedEntry } from './tar-entry.ts';
import { TarParser } from './tar-parser.ts';

/** An entry and its stored bytes. Take the body before the next member; what is not taken is passed over. */
export interface TarMember {
  readonly entry: PlacedEntry;
  /** For a sparse file, its segments end to end. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The members of a tar, as its bytes come.
 *
 *     for await (const { entry, body } of readTar(source)) if (entry.name === 'manifest.json') …
 *
 * @throws {EngineError} `invalid`, naming the entry; what the source throws
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: Partial<TarLimits> = {},
): AsyncGenerator<TarMember> {
  const chunks = source[Symbol.asyncIterator]();
  const queue: (PlacedEntry | Uint8Array)[] = [];
  const push = (item: PlacedEntry | Uint8Array) => void queue.push(item);
  const parser = new TarParser({ entry: push, data: push }, limits);
  let over = false;

  /** The next item, left in the queue; undefined at the end. */
  async function peek(): Promise<PlacedEntry | Uint8Array | undefined> {
    while (queue.length === 0 && !over) {
      const { done, value } = await chunks.next();
      if (done === true) {
        over = true;
        parser.end();
      } else parser.write(value);
    }
    return queue[0];
  }

  async function* bodyOf(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const bytes = (await peek()) as Uint8Array;
      queue.shift();
      left -= bytes.length;
      yield bytes;
    }
  }

  try {
    for (let item = await peek(); item !== undefined; item = await peek()) {
      queue.shift();
      if (item instanceof Uint8Array) continue;
      yield { entry: item, body: bodyOf(item.storedSize) };
    }
  } finally {
    await chunks.return?.();
  }
}
