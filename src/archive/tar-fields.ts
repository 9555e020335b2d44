import { invalid } from '#base/errors.ts';
import type { ByteString, EntryTime } from './tar-entry.ts';

export const blockSize = 512;

/** Bytes from `size` up to the next block. */
export const paddingOf = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

/** Where each field of a header block is: offset and length. @see POSIX pax § ustar Interchange Format; GNU tar.h */
export const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  userName: [265, 32],
  groupName: [297, 32],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
  gnuSegments: [386, 96],
  gnuExtended: [482, 1],
  gnuRealSize: [483, 12],
} as const satisfies Record<string, readonly [number, number]>;

export type Field = readonly [offset: number, length: number];

/** Text up to the first NUL. */
export function textOf(block: Buffer, [offset, length]: Field): ByteString {
  let end = offset;
  while (end < offset + length && block[end] !== 0) end++;
  return block.toString('latin1', offset, end);
}

/**
 * A number in octal, or in base 256 where the first bit is set (two's complement, big-endian).
 *
 * @throws {EngineError} `invalid` when it is neither, or past 2^53
 */
export function numberOf(block: Buffer, [offset, length]: Field): number {
  if ((block[offset]! & 0x80) !== 0) return base256Of(block, offset, length);
  let value = 0;
  let digits = 0;
  for (let i = offset; i < offset + length; i++) {
    const byte = block[i]!;
    if (byte >= 0x30 && byte <= 0x37) {
      value = value * 8 + byte - 0x30;
      digits++;
    } else if (byte === 0 || byte === 0x20) {
      if (digits > 0) break;
    } else throw invalid('a number in the header is not octal');
  }
  return value;
}

function base256Of(block: Buffer, offset: number, length: number): number {
  const negative = (block[offset]! & 0x40) !== 0;
  const first = block[offset]! & 0x7f;
  let value = negative ? first - 0x80 : first;
  for (let i = offset + 1; i < offset + length; i++) value = value * 256 + block[i]!;
  if (!Number.isSafeInteger(value)) throw invalid('a number in the header is too large');
  return value;
}

/** Whether the block's checksum is right: of unsigned bytes, or (as some old writers have it) of signed ones. */
export function checksumHolds(block: Buffer): boolean {
  let unsigned = 0;
  let high = 0;
  for (let i = 0; i < blockSize; i++) {
    const byte = block[i]!;
    unsigned += byte;
    if (byte > 127) high++;
  }
  for (let i = 148; i < 156; i++) {
    const byte = block[i]!;
    unsigned += 0x20 - byte;
    if (byte > 127) high--;
  }
  const said = numberOf(block, field.checksum);
  return said === unsigned || said === unsigned - 256 * high;
}

export function isZeroBlock(block: Buffer): boolean {
  if (block[0] !== 0) return false;
  return block.equals(zeroBlock);
}

export const zeroBlock: Buffer = Buffer.alloc(blockSize);

export function writeText(block: Buffer, [offset, length]: Field, text: ByteString): void {
  block.write(text.length > length ? text.slice(0, length) : text, offset, length, 'latin1');
}

/** Octal with a closing NUL where it fits, else base 256. */
export function writeNumber(block: Buffer, [offset, length]: Field, value: number): void {
  if (value >= 0 && value < 8 ** (length - 1)) {
    block.write(value.toString(8).padStart(length - 1, '0'), offset, length - 1, 'latin1');
    return;
  }
  let rest = value;
  for (let i = offset + length - 1; i >= offset; i--) {
    block[i] = ((rest % 256) + 256) % 256;
    rest = Math.floor(rest / 256);
  }
  block[offset] = value < 0 ? 0xff : 0x80 | (block[offset]! & 0x7f);
}

export function writeChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (let i = 0; i < blockSize; i++) sum += block[i]!;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}

/** `1700000000.25`, as PAX writes times: rounded down to whole seconds when before the epoch. */
export function parseTime(text: string): EntryTime {
  const parts = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (parts === null) throw invalid(`a time in the header is not a number: ${JSON.stringify(text)}`);
  const whole = Number(parts[2]);
  const nanoseconds = Number((parts[3] ?? '').slice(0, 9).padEnd(9, '0'));
  if (parts[1] === '') return { seconds: whole, nanoseconds };
  return nanoseconds === 0
    ? { seconds: -whole, nanoseconds: 0 }
    : { seconds: -whole - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}

export function formatTime({ seconds, nanoseconds }: EntryTime): string {
  if (nanoseconds === 0) return String(seconds);
  const negative = seconds < 0;
  const whole = negative ? -seconds - 1 : seconds;
  const part = negative ? 1_000_000_000 - nanoseconds : nanoseconds;
  return `${negative ? '-' : ''}${whole}.${String(part).padStart(9, '0').replace(/0+$/, '')}`;
}
