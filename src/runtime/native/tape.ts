import { OP, type OpName, PROTOCOL } from '../protocol.ts';

/** A field of an operation: a number is a u32, a bigint a u64, a string has its NUL added, bytes go as they are. */
export type Field = number | bigint | string | Uint8Array;

/** One line of a tape. */
export type Operation = readonly [op: OpName, ...fields: Field[]];

const HEADER_BYTES = 16;
const OPERATION_HEADER_BYTES = 8;
const ALIGNMENT = 8;

/** The tape's bytes. @see native/protocol.h */
export function encodeTape(operations: readonly Operation[]): Buffer {
  const size = operations.reduce((sum, operation) => sum + sizeOf(operation), 0);
  const tape = Buffer.alloc(HEADER_BYTES + size);
  tape.writeUInt32LE(PROTOCOL.TAPE_MAGIC, 0);
  tape.writeUInt32LE(PROTOCOL.VERSION, 4);
  tape.writeBigUInt64LE(BigInt(size), 8);
  operations.reduce((offset, operation) => write(tape, offset, operation), HEADER_BYTES);
  return tape;
}

const sizeOf = (operation: Operation): number => OPERATION_HEADER_BYTES + aligned(bodySize(operation));

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

const bodySize = ([, ...fields]: Operation): number =>
  fields.reduce<number>((sum, field) => sum + fieldSize(field), 0);

function fieldSize(field: Field): number {
  if (typeof field === 'number') return 4;
  if (typeof field === 'bigint') return 8;
  return typeof field === 'string' ? Buffer.byteLength(field) + 1 : field.length;
}

/** @returns the offset after it */
function write(tape: Buffer, start: number, operation: Operation): number {
  const [op, ...fields] = operation;
  tape.writeUInt32LE(OP[op], start);
  tape.writeUInt32LE(bodySize(operation), start + 4);
  fields.reduce<number>((offset, field) => writeField(tape, offset, field), start + OPERATION_HEADER_BYTES);
  return start + sizeOf(operation);
}

function writeField(tape: Buffer, offset: number, field: Field): number {
  if (typeof field === 'number') return tape.writeUInt32LE(field >>> 0, offset);
  if (typeof field === 'bigint') return tape.writeBigUInt64LE(BigInt.asUintN(64, field), offset);
  if (typeof field === 'string') return offset + tape.write(field, offset) + 1;
  tape.set(field, offset);
  return offset + field.length;
}

/** A tape for people, one operation a line: what golden files hold. */
export const listTape = (operations: readonly Operation[]): string =>
  operations.map(([op, ...fields]) => `${[op, ...fields.map(shownField)].join(' ')}\n`).join('');

function shownField(field: Field): string {
  if (typeof field === 'bigint') return `0x${BigInt.asUintN(64, field).toString(16)}`;
  if (field instanceof Uint8Array) return `<${field.length} bytes>`;
  return JSON.stringify(field);
}
