import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compressed, decompressed } from '#archive/compression.ts';
import type { ByteString, PlacedEntry, Segment } from '#archive/tar-entry.ts';

/** A body that is not in the record but in a file of the tree. */
export interface RecordedBody {
  /** How many recorded bytes come before it. */
  readonly at: number;
  /** The file, as a byte string relative to the layer's folder. */
  readonly path: ByteString;
  /** What of the file makes the body, end to end. */
  readonly segments: readonly Segment[];
}

interface PendingBody {
  readonly start: number;
  readonly end: number;
  readonly entry: PlacedEntry;
  readonly inode: number;
}

/**
 * Splits a tar, as it passes, into what is in files of its tree (named) and all else (kept): headers, padding, bodies of
 * entries that made no file. From both the same tar is made again, byte for byte.
 *
 * The tree alone would not do: PAX or GNU, order, padding and duplicates are not in it. The tar, compressed, would store
 * everything twice.
 */
export class TarRecorder {
  readonly bodies: { at: number; entry: PlacedEntry; inode: number; segments: readonly Segment[] }[] = [];
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #announced: PendingBody[] = [];
  /** Bytes of the tar seen, and of them how many are kept. */
  #position = 0;
  #kept = 0;
  #current: PendingBody | undefined;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** A body that went to a file. To be told before the chunk after its header is passed. */
  announce(entry: PlacedEntry, inode: number): void {
    const { bodyOffset: start, storedSize } = entry;
    if (storedSize > 0) this.#announced.push({ start, end: start + storedSize, entry, inode });
  }

  /** The tar's next bytes, once all bodies that begin in them are announced. */
  async pass(chunk: Uint8Array): Promise<void> {
    const end = this.#position + chunk.length;
    const start = this.#position;
    while (this.#position < end) {
      this.#current ??= this.#startBody(end);
      const body = this.#current;
      const until = Math.min(
        end,
        body === undefined ? end : this.#position < body.start ? body.start : body.end,
      );
      const inBody = body !== undefined && this.#position >= body.start;
      if (!inBody) {
        await this.#write(chunk.subarray(this.#position - start, until - start));
        this.#kept += until - this.#position;
      }
      this.#position = until;
      if (inBody && until === body.end) this.#current = undefined;
    }
  }

  /** The next body that begins before `end`. One whose first bytes have been kept already begins after them. */
  #startBody(end: number): PendingBody | undefined {
    const next = this.#announced[0];
    if (next === undefined || next.start >= end) return undefined;
    this.#announced.shift();
    const start = Math.max(next.start, this.#position);
    if (start >= next.end) return this.#startBody(end);
    const at = this.#kept + (start - this.#position);
    const all = next.entry.sparse ?? [{ offset: 0, length: next.entry.size }];
    this.bodies.push({
      at,
      entry: next.entry,
      inode: next.inode,
      segments: skipped(all, start - next.start),
    });
    return { ...next, start };
  }
}

/** Segments without their first bytes. */
function skipped(segments: readonly Segment[], size: number): readonly Segment[] {
  let left = size;
  return segments.flatMap(({ offset, length }) => {
    const cut = Math.min(left, length);
    left -= cut;
    return cut === length ? [] : [{ offset: offset + cut, length: length - cut }];
  });
}

/** Writes the list of bodies: one JSON array a line, compressed. */
export async function writeBodies(path: string, bodies: Iterable<RecordedBody>): Promise<void> {
  function* lines(): Generator<Buffer> {
    let batch = '';
    for (const { at, path: file, segments } of bodies) {
      batch += `${JSON.stringify([at, file, ...segments.flatMap(({ offset, length }) => [offset, length])])}\n`;
      if (batch.length < 1 << 16) continue;
      yield Buffer.from(batch);
      batch = '';
    }
    yield Buffer.from(batch);
  }
  await pipeline(
    compressed(Readable.from(lines()), { compression: 'zstd' }),
    createWriteStream(path, { flags: 'wx' }),
  );
}

/** The list of bodies, in order. */
export async function* readBodies(path: string): AsyncGenerator<RecordedBody> {
  let rest = '';
  for await (const chunk of decompressed(createReadStream(path))) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [at, file, ...numbers] = JSON.parse(Buffer.from(line, 'latin1').toString()) as [
        number,
        string,
        ...number[],
      ];
      const segments = Array.from({ length: numbers.length / 2 }, (_, i) => ({
        offset: numbers[2 * i]!,
        length: numbers[2 * i + 1]!,
      }));
      yield { at, path: file, segments };
    }
  }
}
