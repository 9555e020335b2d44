import { PROTOCOL } from '../protocol.ts';
import type { Report } from './failure.ts';

/** One message between daemon and shim. @see native/protocol.h */
export interface Message {
  readonly type: number;
  readonly id: number;
  readonly body: Buffer;
}

export const messageHeaderBytes = 12;

export function encodeMessage(type: number, id: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(messageHeaderBytes + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.writeUInt32LE(type, 4);
  bytes.writeUInt32LE(id, 8);
  bytes.set(body, messageHeaderBytes);
  return bytes;
}

/** A body of u32s. */
export function words32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}

/** The whole messages at the start of `bytes`, and what is left of it. */
export function decodeMessages(bytes: Buffer): {
  readonly messages: readonly Message[];
  readonly rest: Buffer;
} {
  const messages: Message[] = [];
  let rest = bytes;
  for (let next = firstMessage(rest); next !== undefined; next = firstMessage(rest)) {
    messages.push(next);
    rest = rest.subarray(messageHeaderBytes + next.body.length);
  }
  return { messages, rest };
}

/** @throws {RangeError} when what comes is no message */
export function firstMessage(bytes: Buffer): Message | undefined {
  if (bytes.length < messageHeaderBytes) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length > PROTOCOL.MAX_MESSAGE) throw new RangeError(`a message of ${length} bytes`);
  if (bytes.length < messageHeaderBytes + length) return undefined;
  return {
    type: bytes.readUInt32LE(4),
    id: bytes.readUInt32LE(8),
    body: bytes.subarray(messageHeaderBytes, messageHeaderBytes + length),
  };
}

/** The body of FAILED and WARNING. */
export function decodeReport(body: Buffer): Report {
  const end = body.indexOf(0, 8);
  return {
    op: body.readUInt32LE(0),
    errno: body.readInt32LE(4),
    detail: body.toString('utf8', 8, end < 0 ? undefined : end),
  };
}

/** How one process ended: the body of EXITED. */
export interface ExitReport {
  readonly process: number;
  readonly exitCode: number;
  readonly signal: number;
  readonly exitedAt: Date;
}

export function decodeExit(body: Buffer): ExitReport {
  return {
    process: body.readUInt32LE(0),
    exitCode: body.readUInt32LE(4),
    signal: body.readUInt32LE(8),
    exitedAt: dateOf(body.readBigInt64LE(16)),
  };
}

/** The body of STATE. */
export interface StateReport {
  readonly state: number;
  readonly pid: number;
  readonly startedAt: Date;
  readonly lostLogBytes: number;
  readonly shimPid: number;
}

export function decodeState(body: Buffer): StateReport {
  return {
    state: body.readUInt32LE(0),
    pid: body.readUInt32LE(4),
    startedAt: dateOf(body.readBigInt64LE(8)),
    lostLogBytes: Number(body.readBigUInt64LE(16)),
    shimPid: body.readUInt32LE(24),
  };
}

/** Unix nanoseconds, to the millisecond. */
export const dateOf = (nanoseconds: bigint): Date => new Date(Number(nanoseconds / 1_000_000n));
