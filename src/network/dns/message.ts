/**
 * The DNS messages that a resolver of containers reads and writes: questions, addresses and names. Whoever sends them is
 * a stranger: nothing is read beyond its end, no name is longer than a name may be, no pointer is followed.
 *
 * @see RFC 1035 § 4, RFC 6891 § 6 (EDNS)
 */

export const TYPE = { A: 1, PTR: 12, OPT: 41, ANY: 255 } as const;
export const CLASS_IN = 1;
export const RCODE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;

/** What a message without EDNS may have over UDP, and what any may have at all. */
const PLAIN_UDP_BYTES = 512;
export const MAX_MESSAGE_BYTES = 65_535;
/** What a datagram of IPv4 has room for. */
const MAX_UDP_BYTES = 65_507;

const HEADER_BYTES = 12;
const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
/** The two high bits of a length: the rest is where the name goes on. */
const POINTER = 0xc0;
/** The name of the question, which comes right after the header. */
const QUESTION_POINTER = (POINTER << 8) | HEADER_BYTES;
/** Type, class; TTL and length of data. */
const QUESTION_TAIL_BYTES = 4;
const RECORD_TAIL_BYTES = 10;
/** Of the header's second word. */
const FLAG = { response: 0x8000, truncated: 0x0200, recursionDesired: 0x0100, recursionAvailable: 0x0080 };
const OPCODE_MASK = 0x7800;
const RCODE_MASK = 0x000f;
/** What this resolver can take over UDP, told to who asks by EDNS: it fits every link. */
const OWN_UDP_BYTES = 1232;

export interface Question {
  /** Labels with dots between them, in lower case; bytes that are no ASCII are Latin-1's. No dot at the end. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface Query {
  readonly id: number;
  readonly question: Question;
  /** The question as it was asked. */
  readonly questionBytes: Uint8Array;
  readonly recursionDesired: boolean;
  /** How long a reply over UDP may be. */
  readonly udpBytes: number;
  readonly edns: boolean;
}

export type Answer =
  | { readonly type: typeof TYPE.A; readonly address: number }
  | { readonly type: typeof TYPE.PTR; readonly name: string };

/** Thrown within this file for a message that is none. */
class Malformed extends Error {}

/**
 * Reads a query.
 *
 * @returns a code to refuse it with, or undefined when it is nothing that one answers: no header, or itself a reply
 */
export function readQuery(bytes: Uint8Array): Query | number | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_MESSAGE_BYTES) return undefined;
  const message = bufferOf(bytes);
  const flags = message.readUInt16BE(2);
  if ((flags & FLAG.response) !== 0) return undefined;
  if ((flags & OPCODE_MASK) !== 0) return RCODE.notImplemented;
  if (message.readUInt16BE(4) !== 1) return RCODE.formatError;
  try {
    const { question, end } = readQuestion(message);
    const edns = readEdns(message, end);
    return {
      id: message.readUInt16BE(0),
      question,
      questionBytes: message.subarray(HEADER_BYTES, end),
      recursionDesired: (flags & FLAG.recursionDesired) !== 0,
      udpBytes: Math.min(Math.max(PLAIN_UDP_BYTES, edns ?? 0), MAX_UDP_BYTES),
      edns: edns !== undefined,
    };
  } catch (error) {
    if (error instanceof Malformed) return RCODE.formatError;
    throw error;
  }
}

function readQuestion(message: Buffer): { readonly question: Question; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = byteAt(message, at); length !== 0; length = byteAt(message, at)) {
    // A pointer has nothing before it to point to.
    if (length > MAX_LABEL_BYTES) throw new Malformed();
    const end = at + 1 + length;
    if (end - HEADER_BYTES >= MAX_NAME_BYTES || end >= message.length) throw new Malformed();
    labels.push(message.toString('latin1', at + 1, end));
    at = end;
  }
  const tail = at + 1;
  const end = tail + QUESTION_TAIL_BYTES;
  if (end > message.length) throw new Malformed();
  const name = lowerCase(labels.join('.'));
  return {
    question: { name, type: message.readUInt16BE(tail), class: message.readUInt16BE(tail + 2) },
    end,
  };
}

/** Of ASCII alone, as names are compared. */
export const lowerCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** @returns how long a reply the asker takes over UDP, when it says so. */
function readEdns(message: Buffer, from: number): number | undefined {
  const [answers, authorities, additional] = [6, 8, 10].map((offset) => message.readUInt16BE(offset));
  let left = answers! + authorities! + additional!;
  let found: number | undefined;
  // Each record has bytes of its own, so the message's end is theirs.
  for (let at = from; left > 0; left -= 1) {
    const tail = afterName(message, at);
    if (tail + RECORD_TAIL_BYTES > message.length) throw new Malformed();
    if (message.readUInt16BE(tail) === TYPE.OPT) {
      if (found !== undefined || tail !== at + 1) throw new Malformed();
      found = message.readUInt16BE(tail + 2);
    }
    at = tail + RECORD_TAIL_BYTES + message.readUInt16BE(tail + 8);
    if (at > message.length) throw new Malformed();
  }
  return found;
}

/** Where a record's name ends: a pointer is its last part. */
function afterName(message: Buffer, from: number): number {
  let at = from;
  for (let length = byteAt(message, at); length !== 0; length = byteAt(message, at)) {
    if (length >= POINTER) return at + 2;
    if (length > MAX_LABEL_BYTES) throw new Malformed();
    at += 1 + length;
    if (at - from >= MAX_NAME_BYTES) throw new Malformed();
  }
  return at + 1;
}

function byteAt(message: Buffer, at: number): number {
  const byte = message[at];
  if (byte === undefined) throw new Malformed();
  return byte;
}

/** A reply of this resolver's own, that fits in `limit` bytes: what does not is left out, and the reply says so. */
export function writeReply(
  query: Query,
  reply: { readonly rcode: number; readonly answers?: readonly Answer[]; readonly ttl?: number },
  limit: number,
): Buffer {
  const { rcode, answers = [], ttl = 0 } = reply;
  const options = query.edns ? optRecord() : Buffer.alloc(0);
  let room = limit - HEADER_BYTES - query.questionBytes.length - options.length;
  const records: Buffer[] = [];
  for (const record of answers.map((answer) => recordOf(answer, ttl))) {
    room -= record.length;
    if (room < 0) break;
    records.push(record);
  }
  const header = Buffer.alloc(HEADER_BYTES);
  const truncated = records.length < answers.length ? FLAG.truncated : 0;
  const desired = query.recursionDesired ? FLAG.recursionDesired : 0;
  header.writeUInt16BE(query.id, 0);
  header.writeUInt16BE(FLAG.response | FLAG.recursionAvailable | truncated | desired | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt16BE(query.edns ? 1 : 0, 10);
  return Buffer.concat([header, query.questionBytes, ...records, options]);
}

/** The reply to a query that cannot be read: its header alone. */
export function writeRefusal(query: Uint8Array, rcode: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const asked = bufferOf(query).readUInt16BE(2);
  header.set(query.subarray(0, 2));
  header.writeUInt16BE(FLAG.response | (asked & (OPCODE_MASK | FLAG.recursionDesired)) | rcode, 2);
  return header;
}

function recordOf(answer: Answer, ttl: number): Buffer {
  const data = answer.type === TYPE.A ? addressBytes(answer.address) : writeName(answer.name);
  const record = Buffer.alloc(2 + RECORD_TAIL_BYTES);
  record.writeUInt16BE(QUESTION_POINTER, 0);
  record.writeUInt16BE(answer.type, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(ttl, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([record, data]);
}

function optRecord(): Buffer {
  const record = Buffer.alloc(1 + RECORD_TAIL_BYTES);
  record.writeUInt16BE(TYPE.OPT, 1);
  record.writeUInt16BE(OWN_UDP_BYTES, 3);
  return record;
}

function addressBytes(address: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes;
}

/** Whether a name can be told in a message: labels of up to 63 bytes, not more than 255 together. */
export const isTellable = (name: string): boolean =>
  name.length + 2 <= MAX_NAME_BYTES &&
  name.split('.').every((label) => label.length > 0 && label.length <= MAX_LABEL_BYTES);

function writeName(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** The same message under another id. */
export function withId(message: Uint8Array, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/**
 * What a server's message says of our question.
 *
 * @returns its code; undefined when it is not the reply to what was asked under this id
 */
export function replyCode(message: Uint8Array, id: number, query: Query): number | undefined {
  if (message.length < HEADER_BYTES || message.length > MAX_MESSAGE_BYTES) return undefined;
  const reply = bufferOf(message);
  const flags = reply.readUInt16BE(2);
  if (reply.readUInt16BE(0) !== id || (flags & (FLAG.response | OPCODE_MASK)) !== FLAG.response)
    return undefined;
  const rcode = flags & RCODE_MASK;
  const questions = reply.readUInt16BE(4);
  // Servers that cannot read a question need not repeat it.
  if (questions === 0) return rcode === RCODE.noError ? undefined : rcode;
  return questions === 1 && repeats(reply, query) ? rcode : undefined;
}

function repeats(reply: Buffer, { question }: Query): boolean {
  try {
    const { question: repeated } = readQuestion(reply);
    return (
      repeated.name === question.name && repeated.type === question.type && repeated.class === question.class
    );
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

/** A server's reply for who asked over UDP: whole when it fits, else empty and marked, so that it is asked for by TCP. */
export function fitted(reply: Buffer, query: Query): Buffer {
  if (reply.length <= query.udpBytes) return reply;
  const rcode = reply.readUInt16BE(2) & RCODE_MASK;
  const short = writeReply(query, { rcode }, query.udpBytes);
  short.writeUInt16BE(short.readUInt16BE(2) | FLAG.truncated, 2);
  return short;
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
