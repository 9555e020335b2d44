import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logFiles, nextFile } from './files.ts';
import { headerSize, maxPayload } from './frame.ts';
import { Converter, type Selection } from './output.ts';
import { tailStart, wholeEnd } from './tail.ts';

export interface LogQuery extends Selection {
  /** The last so many lines, of all streams together; absent: everything. */
  readonly tail?: number;
  /** Go on as the log grows, until this resolves: then what has been written by that time is still read. */
  readonly follow?: Promise<unknown>;
  readonly signal?: AbortSignal;
}

const chunkSize = 1 << 20;

/**
 * A container's output in the order it was written, across rotated files; nothing for a log that does not exist.
 *
 * Rotation while reading loses nothing that is still in some file and repeats nothing.
 */
export async function* readLogs(path: string, query: LogQuery): AsyncGenerator<Uint8Array, void, undefined> {
  await using watcher = query.follow === undefined ? undefined : new Growth(path, query);
  await using reader = new LogReader(path, query);
  while (query.signal?.aborted !== true) {
    const isOver = watcher?.isOver ?? true;
    yield* reader.rest();
    if (isOver || watcher === undefined) return;
    await watcher.changed();
  }
}

/** A place in a log that moves on through its files, each held open so that a rotation cannot change it under us. */
class LogReader implements AsyncDisposable {
  readonly #path: string;
  readonly #query: LogQuery;
  #place: Place | undefined;
  #hasLooked = false;
  #converter: Converter | undefined;

  constructor(path: string, query: LogQuery) {
    this.#path = path;
    this.#query = query;
  }

  /** All that is there beyond the place; a frame that is not whole yet is left for the next time. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    // What comes after there was nothing is all new.
    this.#place ??= await beginning(this.#path, this.#hasLooked ? undefined : this.#query.tail);
    this.#hasLooked = true;
    this.#converter ??= new Converter(this.#query, this.#place?.skip);
    const converter = this.#converter;
    while (this.#place !== undefined) {
      yield* readOn(this.#place, converter);
      const next = await nextFile(this.#path, this.#place.handle);
      if (next === undefined) return;
      const place = await openPlace(next.path).catch(() => undefined);
      if (place?.inode !== next.inode) {
        await place?.handle.close();
        continue;
      }
      // The file may have grown between its end was met and it was rotated; from now on it cannot.
      yield* readOn(this.#place, converter);
      await this[Symbol.asyncDispose]();
      this.#place = place;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const place = this.#place;
    this.#place = undefined;
    await place?.handle.close();
  }
}

interface Place {
  readonly handle: FileHandle;
  readonly inode: number;
  offset: number;
  /** Bytes of the first frame's payload that come before the place. */
  skip: number;
}

async function openPlace(file: string): Promise<Place> {
  const handle = await open(file, 'r');
  return { handle, inode: (await handle.stat()).ino, offset: 0, skip: 0 };
}

async function beginning(path: string, tail: number | undefined): Promise<Place | undefined> {
  const files = await logFiles(path);
  if (tail === undefined) return files[0] === undefined ? undefined : openPlace(files[0]);
  let missing = tail;
  let place: Place | undefined;
  for (const file of files.toReversed()) {
    const isNewest = place === undefined;
    await place?.handle.close();
    place = await openPlace(file);
    const end = await wholeEnd(place.handle, (await place.handle.stat()).size);
    if (tail === 0) return Object.assign(place, { offset: end });
    const start = await tailStart(place.handle, end, { lineEnds: missing, isNewest });
    Object.assign(place, { offset: start.offset, skip: start.skip });
    missing = start.missing;
    if (missing === 0) break;
  }
  return place;
}

async function* readOn(place: Place, converter: Converter): AsyncGenerator<Uint8Array, void, undefined> {
  for (let size = chunkSize; ; ) {
    const bytes = await readAt(place.handle, place.offset, size);
    const { output, used } = converter.convert(bytes);
    place.offset += used;
    if (output.length > 0) yield output;
    if (bytes.length < size) return;
    size = used === 0 ? grown(bytes) : chunkSize;
  }
}

async function readAt(handle: FileHandle, offset: number, size: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(size);
  const { bytesRead } = await handle.read(block, 0, size, offset);
  return block.subarray(0, bytesRead);
}

/** How much to read for a frame that is longer than a chunk. */
function grown(bytes: Buffer): number {
  const length = Math.min(bytes.readUInt32LE(0), maxPayload);
  return Math.max(bytes.length, length) + headerSize + chunkSize;
}

/** Tells when a log's folder has changed since it was last asked. */
class Growth implements AsyncDisposable {
  readonly #folder: string;
  #watcher: FSWatcher;
  /** A log's folder comes with its first frame: until then the one above is watched for it. */
  #isAbove = false;
  readonly #signal: AbortSignal | undefined;
  readonly #poll: NodeJS.Timeout;
  #dirty = false;
  #isClosed = false;
  #over = false;
  #wake: (() => void) | undefined;

  constructor(path: string, query: LogQuery) {
    this.#signal = query.signal;
    this.#folder = dirname(path);
    this.#watcher = this.#watch();
    // inotify tells of every append; the slow poll is for file systems that have none.
    this.#poll = setInterval(() => this.#notify(), 1000);
    query.signal?.addEventListener('abort', this.#notify);
    const ended = () => {
      this.#over = true;
      this.#notify();
    };
    query.follow?.then(ended, ended);
  }

  /** Whether what is followed has ended: then one more reading to the end finds everything. */
  get isOver(): boolean {
    return this.#over || this.#signal?.aborted === true;
  }

  async changed(): Promise<void> {
    if (!this.#dirty && !this.isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#dirty = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#watcher.close();
    clearInterval(this.#poll);
    this.#signal?.removeEventListener('abort', this.#notify);
  }

  #watch(): FSWatcher {
    const on = (folder: string) => watch(folder, () => this.#notify()).on('error', () => this.#notify());
    try {
      const watcher = on(this.#folder);
      this.#isAbove = false;
      return watcher;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#isAbove = true;
      return on(dirname(this.#folder));
    }
  }

  readonly #notify = (): void => {
    // what is followed may end long after its reader has gone
    if (this.#isClosed) return;
    this.#dirty = true;
    if (this.#isAbove) {
      this.#watcher.close();
      this.#watcher = this.#watch();
    }
    this.#wake?.();
    this.#wake = undefined;
  };
}
