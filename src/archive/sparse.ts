import { invalid } from '#base/errors.ts';
import type { PaxRecords } from './pax.ts';
import type { Segment } from './tar-entry.ts';
import { blockSize, field, numberOf } from './tar-fields.ts';

/** Segments that stand in a GNU header (4) or extension block (21): pairs of 12-byte numbers, ended by an empty one. */
export function gnuSegments(block: Buffer, offset: number, count: number): Segment[] {
  const found: Segment[] = [];
  for (let i = 0; i < count; i++) {
    const at = offset + i * 24;
    if (block[at] === 0) break;
    found.push({ offset: numberOf(block, [at, 12]), length: numberOf(block, [at + 12, 12]) });
  }
  return found;
}

export const gnuHeaderSegments = (block: Buffer): Segment[] => gnuSegments(block, field.gnuSegments[0], 4);
export const gnuBlockSegments = (block: Buffer): Segment[] => gnuSegments(block, 0, 21);
/** Whether a further extension block follows this one. */
export const gnuBlockExtended = (block: Buffer): boolean => block[504] !== 0;

/** PAX forms 0.0 (repeated records) and 0.1 (one list). Undefined when the records hold neither. */
export function paxSegments(records: PaxRecords): Segment[] | undefined {
  const list = records.find(([key]) => key === 'GNU.sparse.map')?.[1];
  const numbers =
    list !== undefined
      ? list
          .toString('latin1')
          .split(',')
          .filter((text) => text !== '')
          .map(decimal)
      : records
          .filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
          .map(([, value]) => decimal(value.toString('latin1')));
  if (numbers.length === 0 && list === undefined) return undefined;
  return paired(numbers);
}

/**
 * The map at the start of a body in PAX form 1.0: decimal numbers, a line each, the first counting the pairs, filled up
 * to a block.
 *
 * @returns undefined while the bytes so far do not hold the whole map
 */
export function bodySegments(
  bytes: Buffer,
  limit: number,
): { readonly segments: Segment[]; readonly mapSize: number } | undefined {
  let at = 0;
  const line = (): number | undefined => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0 && bytes.length - at > 20) throw invalid('malformed sparse map');
    if (end < 0) return undefined;
    const value = decimal(bytes.toString('latin1', at, end));
    at = end + 1;
    return value;
  };
  const count = line();
  if (count === undefined) return undefined;
  if (count > limit) throw invalid('too many segments in a sparse file');
  const numbers: number[] = [];
  for (let i = 0; i < count * 2; i++) {
    const value = line();
    if (value === undefined) return undefined;
    numbers.push(value);
  }
  return { segments: paired(numbers), mapSize: Math.ceil(at / blockSize) * blockSize };
}

/** Checks that segments are in order, apart, inside the file and just what is stored; leaves out empty ones. */
export function checkedSegments(segments: readonly Segment[], size: number, storedSize: number): Segment[] {
  let end = 0;
  let total = 0;
  for (const { offset, length } of segments) {
    if (length < 0 || offset < end || offset + length > size) throw invalid('invalid sparse map');
    end = offset + length;
    total += length;
  }
  if (total !== storedSize) throw invalid('a sparse map that does not match the stored size');
  return segments.filter(({ length }) => length > 0);
}

export function decimal(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw invalid(`not a decimal number: ${JSON.stringify(text)}`);
  return value;
}

function paired(numbers: readonly number[]): Segment[] {
  if (numbers.length % 2 !== 0) throw invalid('malformed sparse map');
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    offset: numbers[i * 2]!,
    length: numbers[i * 2 + 1]!,
  }));
}
