/** Flags of a message. linux/netlink.h */
export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  ROOT: 0x100,
  MATCH: 0x200,
  DUMP: 0x300,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
} as const;

/** linux/netlink.h */
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
const HEADER = 16;

/** One netlink message, or what a reply holds. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence?: number;
  readonly body: Uint8Array;
}

/** A message's attributes by type; of several of one type, the last. */
export type Attributes = ReadonlyMap<number, Buffer>;

const aligned = (length: number): number => (length + 3) & ~3;

/** A message as bytes, its length, sequence and sender (0: the kernel fills it in) before the body. */
export function message({ type, flags, sequence = 0, body }: NetlinkMessage): Buffer {
  const bytes = Buffer.alloc(aligned(HEADER + body.length));
  bytes.writeUInt32LE(HEADER + body.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(body, HEADER);
  return bytes;
}

/** An attribute: its length, type and value, padded to four bytes. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(aligned(4 + value.length));
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, 4);
  return bytes;
}

/** An attribute that holds attributes. */
export const nested = (type: number, ...inner: readonly Uint8Array[]): Buffer =>
  attribute(type | NLA_F_NESTED, Buffer.concat(inner));

/** Text with the NUL that ends it. */
export const text = (type: number, value: string): Buffer => attribute(type, Buffer.from(`${value}\0`));

/** A number of one byte. */
export const u8 = (type: number, value: number): Buffer => attribute(type, Buffer.of(value));

/** A number of four bytes in the machine's order, as rtnetlink has them. */
export function u32(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return attribute(type, bytes);
}

/** A number of four bytes in the network's order, as nfnetlink has them; and an IPv4 address. */
export function u32be(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return attribute(type, bytes);
}

/** The messages of one datagram, in order. A cut-off last one is left out. */
export function* readMessages(datagram: Buffer): Generator<NetlinkMessage> {
  for (let at = 0; at + HEADER <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    if (length < HEADER || at + length > datagram.length) return;
    yield {
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      body: datagram.subarray(at + HEADER, at + length),
    };
    at += aligned(length);
  }
}

/** The attributes in a body, from `offset` (the fixed struct before them) on. */
export function readAttributes(body: Uint8Array, offset = 0): Attributes {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const attributes = new Map<number, Buffer>();
  for (let at = offset; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length));
    at += aligned(length);
  }
  return attributes;
}

/** What a reply says about a request: that it failed and how, that it is done, or neither (it is data). */
export function outcomeOf(
  reply: NetlinkMessage,
): { readonly errno: number; readonly reason?: string } | undefined {
  if (reply.type !== NLMSG_ERROR && reply.type !== NLMSG_DONE) return undefined;
  const body = Buffer.from(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength);
  const errno = body.length >= 4 ? 0 - body.readInt32LE(0) : 0;
  const reason = reply.type === NLMSG_ERROR ? reasonOf(body, reply.flags) : undefined;
  return reason === undefined ? { errno } : { errno, reason };
}

/** linux/netlink.h */
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;

/** The kernel's own words about an error: an attribute after the error's code and the (maybe capped) request. */
function reasonOf(body: Buffer, flags: number): string | undefined {
  if ((flags & NLM_F_ACK_TLVS) === 0 || body.length < 4 + HEADER) return undefined;
  const request = (flags & NLM_F_CAPPED) !== 0 ? HEADER : aligned(body.readUInt32LE(4));
  return readAttributes(body, 4 + request)
    .get(NLMSGERR_ATTR_MSG)
    ?.toString()
    .replace(/\0$/, '');
}
