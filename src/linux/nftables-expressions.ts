import { attribute, nested, text, u32be } from './netlink.ts';

/**
 * A rule's expressions run in order, each on a packet and a few registers, until one does not match.
 *
 * Registers here are the kernel's sixteen of four bytes; a value of several registers lies in the next ones too.
 */

/** linux/netfilter/nf_tables.h */
const NFTA_EXPR = { NAME: 1, DATA: 2 } as const;
const NFTA_META = { DREG: 1, KEY: 2 } as const;
const NFTA_PAYLOAD = { DREG: 1, BASE: 2, OFFSET: 3, LEN: 4 } as const;
const NFTA_LOOKUP = { SET: 1, SREG: 2, DREG: 3, FLAGS: 5 } as const;
const NFTA_CMP = { SREG: 1, OP: 2, DATA: 3 } as const;
const NFTA_BITWISE = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5 } as const;
const NFTA_CT = { DREG: 1, KEY: 2 } as const;
const NFTA_FIB = { DREG: 1, RESULT: 2, FLAGS: 3 } as const;
const NFTA_NAT = { TYPE: 1, FAMILY: 2, ADDRESS: 3, PORT: 5 } as const;
const NFTA_IMMEDIATE = { DREG: 1, DATA: 2 } as const;
const NFTA_DATA = { VALUE: 1, VERDICT: 2 } as const;
const NFTA_VERDICT_CODE = 1;
const NFT_LOOKUP_F_INV = 1;
const NFT_FIB_RESULT_ADDRTYPE = 3;
const NFTA_FIB_F_DADDR = 2;
const NFT_NAT_DNAT = 1;
const NFPROTO_IPV4 = 2;
const FIRST_REGISTER = 8;

/** What a packet knows of itself. */
const META = { inputName: 6, outputName: 7, protocol: 16, inputKind: 26, outputKind: 27 } as const;
/** What the connection tracker knows of a packet's connection. */
const CT = { state: 0, status: 2 } as const;
/** Fields of headers, as base (1: network, 2: transport), offset and length. */
const HEADER_FIELD = {
  source: [1, 12, 4],
  destination: [1, 16, 4],
  destinationPort: [2, 2, 2],
} as const;

/** linux/netfilter/nf_conntrack_common.h: bits of a connection's state (as nftables has them) and status. */
export const CT_ESTABLISHED_OR_RELATED = 2 | 4;
export const CT_DESTINATION_CHANGED = 1 << 5;
/** linux/rtnetlink.h: the type of this host's own addresses. */
const RTN_LOCAL = 2;

const NF_DROP = 0;
const NF_ACCEPT = 1;

const expression = (name: string, ...attributes: readonly Uint8Array[]): Buffer =>
  nested(1, text(NFTA_EXPR.NAME, name), nested(NFTA_EXPR.DATA, ...attributes));

const register = (type: number, number: number): Buffer => u32be(type, FIRST_REGISTER + number);
const value = (type: number, bytes: Uint8Array): Buffer => nested(type, attribute(NFTA_DATA.VALUE, bytes));

export const loadMeta = (key: keyof typeof META, to = 0): Buffer =>
  expression('meta', u32be(NFTA_META.KEY, META[key]), register(NFTA_META.DREG, to));

export function loadField(field: keyof typeof HEADER_FIELD, to = 0): Buffer {
  const [base, offset, length] = HEADER_FIELD[field];
  return expression(
    'payload',
    register(NFTA_PAYLOAD.DREG, to),
    u32be(NFTA_PAYLOAD.BASE, base),
    u32be(NFTA_PAYLOAD.OFFSET, offset),
    u32be(NFTA_PAYLOAD.LEN, length),
  );
}

/** Puts bytes into the registers from `to` on. */
export const loadValue = (bytes: Uint8Array, to = 0): Buffer =>
  expression('immediate', register(NFTA_IMMEDIATE.DREG, to), value(NFTA_IMMEDIATE.DATA, bytes));

/** Goes on when the registers from `from` on equal `bytes`; with `not`, when they do not. */
export const compare = (bytes: Uint8Array, { not = false, from = 0 } = {}): Buffer =>
  expression(
    'cmp',
    register(NFTA_CMP.SREG, from),
    u32be(NFTA_CMP.OP, not ? 1 : 0),
    value(NFTA_CMP.DATA, bytes),
  );

/** Goes on when the bytes in the registers are (with `not`, are not) in the set. */
export const inSet = (set: string, { not = false } = {}): Buffer =>
  expression(
    'lookup',
    register(NFTA_LOOKUP.SREG, 0),
    text(NFTA_LOOKUP.SET, set),
    ...(not ? [u32be(NFTA_LOOKUP.FLAGS, NFT_LOOKUP_F_INV)] : []),
  );

/** Goes on when the map has the bytes in the registers, with their value in the registers from `to` on. */
export const lookUp = (map: string, to = 0): Buffer =>
  expression(
    'lookup',
    register(NFTA_LOOKUP.SREG, 0),
    register(NFTA_LOOKUP.DREG, to),
    text(NFTA_LOOKUP.SET, map),
  );

/** Goes on when any of these bits is set in the register. */
function anyBit(bits: number): Buffer[] {
  const mask = Buffer.alloc(4);
  mask.writeUInt32LE(bits);
  const and = expression(
    'bitwise',
    register(NFTA_BITWISE.SREG, 0),
    register(NFTA_BITWISE.DREG, 0),
    u32be(NFTA_BITWISE.LEN, 4),
    value(NFTA_BITWISE.MASK, mask),
    value(NFTA_BITWISE.XOR, Buffer.alloc(4)),
  );
  return [and, compare(Buffer.alloc(4), { not: true })];
}

const loadConnection = (key: keyof typeof CT): Buffer =>
  expression('ct', u32be(NFTA_CT.KEY, CT[key]), register(NFTA_CT.DREG, 0));

/** Goes on for packets of a connection that was let through before. */
export const established = (): Buffer[] => [loadConnection('state'), ...anyBit(CT_ESTABLISHED_OR_RELATED)];

/** Goes on for packets of a connection whose destination was changed. */
export const redirected = (): Buffer[] => [loadConnection('status'), ...anyBit(CT_DESTINATION_CHANGED)];

/** Goes on for packets to one of this host's own addresses. */
export function toThisHost(): Buffer[] {
  const local = Buffer.alloc(4);
  local.writeUInt32LE(RTN_LOCAL);
  const load = expression(
    'fib',
    u32be(NFTA_FIB.FLAGS, NFTA_FIB_F_DADDR),
    u32be(NFTA_FIB.RESULT, NFT_FIB_RESULT_ADDRTYPE),
    register(NFTA_FIB.DREG, 0),
  );
  return [load, compare(local)];
}

/** Goes on for packets whose `source` or `destination` is in a range of whole bytes: `127` for 127.0.0.0/8. */
export const startsWith = (field: 'source' | 'destination', ...bytes: readonly number[]): Buffer[] => {
  const [base, offset] = HEADER_FIELD[field];
  const load = expression(
    'payload',
    register(NFTA_PAYLOAD.DREG, 0),
    u32be(NFTA_PAYLOAD.BASE, base),
    u32be(NFTA_PAYLOAD.OFFSET, offset),
    u32be(NFTA_PAYLOAD.LEN, bytes.length),
  );
  return [load, compare(Buffer.from(bytes))];
};

/** Sends the connection to the address and port in two registers. */
export const redirect = (registers: { readonly address: number; readonly port: number }): Buffer =>
  expression(
    'nat',
    u32be(NFTA_NAT.TYPE, NFT_NAT_DNAT),
    u32be(NFTA_NAT.FAMILY, NFPROTO_IPV4),
    register(NFTA_NAT.ADDRESS, registers.address),
    register(NFTA_NAT.PORT, registers.port),
  );

/** Gives the connection the address of the interface that it leaves by. */
export const masquerade = (): Buffer => expression('masq');

const verdict = (code: number): Buffer =>
  expression(
    'immediate',
    u32be(NFTA_IMMEDIATE.DREG, 0),
    nested(NFTA_IMMEDIATE.DATA, nested(NFTA_DATA.VERDICT, u32be(NFTA_VERDICT_CODE, code))),
  );

export const accept = (): Buffer => verdict(NF_ACCEPT);
export const drop = (): Buffer => verdict(NF_DROP);
