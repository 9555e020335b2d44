import { EngineError, invalid, messageOf } from '#base/errors.ts';
import { defaultTarLimits, type TarLimits, TarTally } from './limits.ts';
import { parsePax } from './pax.ts';
import {
  bodySegments,
  checkedSegments,
  gnuBlockExtended,
  gnuBlockSegments,
  gnuHeaderSegments,
  paxSegments,
} from './sparse.ts';
import { type ByteString, fromBytes, type PlacedEntry, type Segment, shownName } from './tar-entry.ts';
import { blockSize, checksumHolds, field, isZeroBlock, numberOf, paddingOf } from './tar-fields.ts';
import { type Extension, type Header, parseHeader, plainName } from './tar-header.ts';

/** What a parser tells of, in the order of the tar. */
export interface TarEvents {
  entry(entry: PlacedEntry): void;
  /** The stored bytes of the entry last told, as views of the chunks written. */
  data?(bytes: Uint8Array): void;
}

type State = 'header' | 'extension' | 'gnuSegments' | 'bodySegments' | 'body' | 'skip' | 'ended';

/**
 * Reads a tar as it is written to it, in chunks of any size; calls back at once. Copies nothing but headers that lie
 * across two chunks. Bytes after the end of the archive are ignored.
 *
 * @throws {EngineError} from `write` and `end`: `invalid`, naming the entry
 * @see POSIX pax; GNU tar manual § Basic Tar Format, § Storing Sparse Files
 */
export class TarParser {
  readonly #events: TarEvents;
  readonly #limits: TarLimits;
  readonly #tally: TarTally;
  readonly #block = Buffer.alloc(blockSize);
  #inBlock = 0;
  #position = 0;
  #state: State = 'header';
  #sawZeroBlock = false;
  /** Bytes left in `body` and `skip`. */
  #left = 0;
  #afterSkip: State = 'header';
  #padding = 0;
  #collected: Buffer[] = [];
  #collectedSize = 0;
  #wanted = 0;
  #extensionFlag = '';
  #extensionSize = 0;
  #extension: Extension = { pax: [] };
  #headerOffset: number | undefined;
  #header: Header | undefined;
  #segments: Segment[] = [];
  #name: ByteString | undefined;

  constructor(events: TarEvents, limits: Partial<TarLimits> = {}) {
    this.#events = events;
    this.#limits = { ...defaultTarLimits, ...limits };
    this.#tally = new TarTally(this.#limits);
  }

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length) at += this.#take(bytes, at);
  }

  /** To be called when the tar's bytes are over. */
  end(): void {
    const pending = this.#extension.pax.length > 0 || this.#headerOffset !== undefined;
    const between = this.#state === 'header' && this.#inBlock === 0 && !pending;
    const inPadding = this.#state === 'skip' && this.#left < blockSize && !pending;
    if (this.#state === 'ended' || between || inPadding) return;
    throw this.#fault(invalid('unexpected EOF'));
  }

  /** Uses some bytes from `at` on. @returns how many */
  #take(bytes: Buffer, at: number): number {
    const available = bytes.length - at;
    switch (this.#state) {
      case 'ended':
        this.#position += available;
        return available;
      case 'body':
        return this.#takeBody(bytes, at);
      case 'skip':
        return this.#takeSkipped(available);
      case 'extension':
      case 'bodySegments':
        return this.#collect(bytes, at);
      default:
        return this.#takeBlock(bytes, at);
    }
  }

  #takeBody(bytes: Buffer, at: number): number {
    const size = Math.min(this.#left, bytes.length - at);
    this.#events.data?.(bytes.subarray(at, at + size));
    this.#left -= size;
    this.#position += size;
    if (this.#left === 0) this.#skip(this.#padding, 'header');
    return size;
  }

  #takeSkipped(available: number): number {
    const size = Math.min(this.#left, available);
    this.#left -= size;
    this.#position += size;
    if (this.#left === 0) this.#state = this.#afterSkip;
    return size;
  }

  #skip(size: number, then: State): void {
    this.#left = size;
    this.#afterSkip = then;
    this.#state = size === 0 ? then : 'skip';
  }

  #takeBlock(bytes: Buffer, at: number): number {
    if (this.#inBlock === 0 && bytes.length - at >= blockSize) {
      this.#position += blockSize;
      this.#readBlock(bytes.subarray(at, at + blockSize));
      return blockSize;
    }
    const size = Math.min(blockSize - this.#inBlock, bytes.length - at);
    bytes.copy(this.#block, this.#inBlock, at, at + size);
    this.#inBlock += size;
    this.#position += size;
    if (this.#inBlock === blockSize) {
      this.#inBlock = 0;
      this.#readBlock(this.#block);
    }
    return size;
  }

  #readBlock(block: Buffer): void {
    try {
      if (this.#state === 'gnuSegments') this.#readSegmentBlock(block);
      else if (isZeroBlock(block)) this.#readZeroBlock();
      else this.#readHeader(block);
    } catch (error) {
      throw this.#fault(error, block);
    }
  }

  #readZeroBlock(): void {
    if (this.#headerOffset !== undefined) throw invalid('the archive ends after an extended header');
    if (this.#sawZeroBlock) this.#state = 'ended';
    this.#sawZeroBlock = true;
  }

  #readHeader(block: Buffer): void {
    this.#name = undefined;
    if (this.#sawZeroBlock) throw invalid('an entry after a block of zeros');
    if (!checksumHolds(block)) throw invalid('the checksum does not match');
    this.#headerOffset ??= this.#position - blockSize;
    const flag = block.toString('latin1', 156, 157);
    if ('LKxg'.includes(flag)) {
      this.#startExtension(flag, numberOf(block, field.size));
      return;
    }
    this.#header = parseHeader(block, this.#extension);
    this.#name = this.#header.entry.name;
    this.#tally.add(this.#header.entry);
    this.#readSparseForm(block, this.#header);
  }

  #startExtension(flag: string, size: number): void {
    this.#extensionSize += size + blockSize;
    if (size < 0 || this.#extensionSize > this.#limits.extensionSize)
      throw invalid('an extended header that is too large');
    this.#extensionFlag = flag;
    this.#startCollecting('extension', size);
  }

  #startCollecting(state: State, size: number): void {
    this.#collected = [];
    this.#collectedSize = 0;
    this.#wanted = size;
    this.#state = state;
    if (size === 0) this.#finishCollecting();
  }

  #collect(bytes: Buffer, at: number): number {
    const size = Math.min(this.#wanted - this.#collectedSize, bytes.length - at);
    this.#collected.push(Buffer.from(bytes.subarray(at, at + size)));
    this.#collectedSize += size;
    this.#position += size;
    if (this.#collectedSize === this.#wanted) this.#finishCollecting();
    return size;
  }

  #finishCollecting(): void {
    const body = Buffer.concat(this.#collected);
    try {
      if (this.#state === 'extension') this.#readExtension(body);
      else this.#readBodySegments(body);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #readExtension(body: Buffer): void {
    const nul = body.indexOf(0);
    const text = fromBytes(nul < 0 ? body : body.subarray(0, nul));
    if (this.#extensionFlag === 'L') this.#extension.longName = text;
    else if (this.#extensionFlag === 'K') this.#extension.longLink = text;
    else if (this.#extensionFlag === 'x') this.#extension.pax = [...this.#extension.pax, ...parsePax(body)];
    else this.#forgetExtension(); // global records: Docker ignores them
    this.#skip(paddingOf(body.length), 'header');
  }

  #forgetExtension(): void {
    this.#extension = { pax: [] };
    this.#extensionSize = 0;
    this.#headerOffset = undefined;
  }

  #readSparseForm(block: Buffer, header: Header): void {
    this.#segments = header.sparse === 'gnu' ? gnuHeaderSegments(block) : [];
    if (header.sparse === 'gnu' && block[field.gnuExtended[0]] !== 0) this.#state = 'gnuSegments';
    else if (header.sparse === 'body')
      this.#startCollecting('bodySegments', Math.min(blockSize, header.storedSize));
    else if (header.sparse === 'pax') {
      this.#segments = paxSegments(this.#extension.pax) ?? [];
      this.#tell(header, header.storedSize);
    } else this.#tell(header, header.storedSize);
  }

  #readSegmentBlock(block: Buffer): void {
    this.#segments.push(...gnuBlockSegments(block));
    if (this.#segments.length > this.#limits.segments) throw invalid('too many segments in a sparse file');
    if (!gnuBlockExtended(block)) this.#tell(this.#header!, this.#header!.storedSize);
  }

  /** The map's length is only known from itself: it is read from a prefix of the body that doubles until it holds. */
  #readBodySegments(body: Buffer): void {
    const header = this.#header!;
    const map = bodySegments(body, this.#limits.segments);
    if (map === undefined || map.mapSize > body.length) {
      if (body.length === header.storedSize) throw invalid('malformed sparse map');
      this.#wanted = Math.min(body.length * 2, header.storedSize);
      return;
    }
    this.#segments = map.segments;
    const rest = body.subarray(map.mapSize);
    this.#position -= rest.length;
    this.#tell(header, header.storedSize - map.mapSize);
    for (let at = 0; at < rest.length; ) at += this.#take(rest, at);
  }

  #tell({ entry, sparse }: Header, storedSize: number): void {
    if (this.#segments.length > this.#limits.segments) throw invalid('too many segments in a sparse file');
    const segments = sparse === 'none' ? undefined : checkedSegments(this.#segments, entry.size, storedSize);
    const place = { headerOffset: this.#headerOffset!, bodyOffset: this.#position, storedSize };
    this.#forgetExtension();
    this.#announce({ ...entry, ...place, ...(segments && { sparse: segments }) });
    this.#padding = paddingOf(storedSize);
    this.#left = storedSize;
    this.#state = storedSize === 0 ? 'header' : 'body';
  }

  /** What the listener throws is its own: it is not the header's fault. */
  #announce(entry: PlacedEntry): void {
    try {
      this.#events.entry(entry);
    } catch (error) {
      if (error instanceof EngineError) named.add(error);
      throw error;
    }
  }

  #fault(error: unknown, block?: Buffer): unknown {
    if (!(error instanceof EngineError) || error.kind !== 'invalid' || named.has(error)) return error;
    const name = this.#name ?? (block === undefined ? '' : plainName(block));
    const shown = shownName(name.length > 300 ? `${name.slice(0, 300)}…` : name);
    const fault = invalid(
      `invalid tar header: ${JSON.stringify(shown)} at byte ${this.#position}: ${messageOf(error)}`,
    );
    named.add(fault);
    return fault;
  }
}

/** Errors that name their entry already, or are not for us to name. */
const named = new WeakSet<EngineError>();
