import {
  attribute,
  message,
  type NetlinkMessage,
  NLM_F,
  nested,
  readAttributes,
  text,
  u32be,
} from './netlink.ts';
import { NETLINK, NetlinkSocket } from './netlink-socket.ts';

/** linux/netfilter/nfnetlink.h and nf_tables.h */
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  NEWRULE: 6,
  NEWSET: 9,
  NEWSETELEM: 12,
  DELSETELEM: 14,
} as const;
const NFTA_TABLE_NAME = 1;
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const;
const NFTA_HOOK = { NUMBER: 1, PRIORITY: 2 } as const;
const NFTA_RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4 } as const;
const NFTA_SET = {
  TABLE: 1,
  NAME: 2,
  FLAGS: 3,
  KEY_TYPE: 4,
  KEY_LEN: 5,
  DATA_TYPE: 6,
  DATA_LEN: 7,
  ID: 10,
  USERDATA: 13,
} as const;
const NFTA_SET_ELEM_LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const;
const NFTA_SET_ELEM = { KEY: 1, DATA: 2, FLAGS: 3 } as const;
const NFTA_LIST_ELEM = 1;
const NFTA_DATA_VALUE = 1;
const NFT_SET_INTERVAL = 0x4;
const NFT_SET_MAP = 0x8;
const NFT_SET_ELEM_INTERVAL_END = 1;
const NF_DROP = 0;
const NFPROTO_UNSPEC = 0;
const NFPROTO_INET = 1;
const NFPROTO_IPV4 = 2;
/** For the `nft` program's eyes: that a key is in the machine's byte order. nftables, include/udata.h */
const HOST_ORDER_KEY = Buffer.of(0, 4, 1, 0, 0, 0);
/** Of a message's elements: its length has 16 bits. */
const ELEMENTS_A_MESSAGE = 500;

/** Where the kernel calls a chain. linux/netfilter.h */
export const HOOK = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;

/** A field of a set's key or value: how the `nft` program calls its type, and its bytes (padded to four in a key of several). */
export const FIELD = {
  address: { type: 7, length: 4 },
  protocol: { type: 12, length: 1 },
  port: { type: 13, length: 2 },
  linkName: { type: 41, length: 16 },
} as const;

export type Field = (typeof FIELD)[keyof typeof FIELD];

export interface SetDefinition {
  readonly name: string;
  readonly key: readonly Field[];
  /** With it the set is a map. */
  readonly value?: readonly Field[];
  /** Elements are ranges. */
  readonly interval?: boolean;
}

/** An element's bytes: `fieldBytes` of each field. `end` closes the range that the element before opened. */
export interface SetElement {
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
  readonly end?: boolean;
}

export interface ChainDefinition {
  readonly name: string;
  readonly type: 'filter' | 'nat';
  readonly hook: keyof typeof HOOK;
  /** Lower comes first. */
  readonly priority: number;
}

/** struct nfgenmsg before the attributes. */
function request(type: number, flags: number, ...attributes: readonly Uint8Array[]): Buffer {
  return message({
    type: (NFNL_SUBSYS_NFTABLES << 8) | type,
    flags: NLM_F.REQUEST | flags,
    body: Buffer.concat([Buffer.of(NFPROTO_IPV4, 0, 0, 0), ...attributes]),
  });
}

/** A table of the `ip` family. Fine when it is there. */
export const addTable = (table: string): Buffer =>
  request(NFT_MSG.NEWTABLE, NLM_F.CREATE, text(NFTA_TABLE_NAME, table));

/** A table with all that is in it. Fails with ENOENT when there is none: add it before, in the same transaction. */
export const deleteTable = (table: string): Buffer =>
  request(NFT_MSG.DELTABLE, 0, text(NFTA_TABLE_NAME, table));

/** The names of the tables of the `ip` family, in the network namespace that a socket of netfilter speaks with. */
export const listTables = (socket: NetlinkSocket): string[] =>
  socket
    .request('nftables list tables', request(NFT_MSG.GETTABLE, NLM_F.DUMP))
    .map(({ body }) => textOf(readAttributes(body, 4).get(NFTA_TABLE_NAME)));

const textOf = (attribute: Buffer | undefined): string => attribute?.toString().replace(/\0$/, '') ?? '';

/** A chain that the kernel calls at a hook; what no rule decides is accepted. */
export function addChain(table: string, chain: ChainDefinition): Buffer {
  const priority = u32be(NFTA_HOOK.PRIORITY, chain.priority);
  return request(
    NFT_MSG.NEWCHAIN,
    NLM_F.CREATE,
    text(NFTA_CHAIN.TABLE, table),
    text(NFTA_CHAIN.NAME, chain.name),
    nested(NFTA_CHAIN.HOOK, u32be(NFTA_HOOK.NUMBER, HOOK[chain.hook]), priority),
    text(NFTA_CHAIN.TYPE, chain.type),
  );
}

/** A rule at the end of its chain, of expressions (`nftables-expressions.ts`). */
export const addRule = (table: string, chain: string, ...expressions: readonly Uint8Array[]): Buffer =>
  request(
    NFT_MSG.NEWRULE,
    NLM_F.CREATE | NLM_F.APPEND,
    text(NFTA_RULE.TABLE, table),
    text(NFTA_RULE.CHAIN, chain),
    nested(NFTA_RULE.EXPRESSIONS, ...expressions),
  );

const padded = (length: number): number => (length + 3) & ~3;
const lengthOf = (fields: readonly Field[]): number =>
  fields.length === 1 ? fields[0]!.length : fields.reduce((sum, field) => sum + padded(field.length), 0);
const typeOf = (fields: readonly Field[]): number =>
  fields.reduce((type, field) => (type << 6) | field.type, 0);

/** A set or map, empty. */
export function addSet(table: string, { name, key, value, interval = false }: SetDefinition): Buffer {
  const flags = (interval ? NFT_SET_INTERVAL : 0) | (value === undefined ? 0 : NFT_SET_MAP);
  const attributes = [
    text(NFTA_SET.TABLE, table),
    text(NFTA_SET.NAME, name),
    u32be(NFTA_SET.FLAGS, flags),
    u32be(NFTA_SET.KEY_TYPE, typeOf(key)),
    u32be(NFTA_SET.KEY_LEN, lengthOf(key)),
    u32be(NFTA_SET.ID, 1),
  ];
  if (value !== undefined)
    attributes.push(u32be(NFTA_SET.DATA_TYPE, typeOf(value)), u32be(NFTA_SET.DATA_LEN, lengthOf(value)));
  if (key.length === 1 && key[0] === FIELD.linkName)
    attributes.push(attribute(NFTA_SET.USERDATA, HOST_ORDER_KEY));
  return request(NFT_MSG.NEWSET, NLM_F.CREATE, ...attributes);
}

/** Puts elements in a set. Fine when they are there with the same value, EEXIST or EBUSY with another. */
export const addElements = (table: string, set: string, elements: readonly SetElement[]): Buffer[] =>
  elementRequests(NFT_MSG.NEWSETELEM, NLM_F.CREATE, table, set, elements);

/** Takes elements out of a set. Fails with ENOENT when one is not there. */
export const deleteElements = (table: string, set: string, elements: readonly SetElement[]): Buffer[] =>
  elementRequests(NFT_MSG.DELSETELEM, 0, table, set, elements);

function elementRequests(
  type: number,
  flags: number,
  table: string,
  set: string,
  elements: readonly SetElement[],
): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < elements.length; at += ELEMENTS_A_MESSAGE) {
    const some = elements.slice(at, at + ELEMENTS_A_MESSAGE).map(elementAttribute);
    messages.push(
      request(
        type,
        flags,
        text(NFTA_SET_ELEM_LIST.TABLE, table),
        text(NFTA_SET_ELEM_LIST.SET, set),
        nested(NFTA_SET_ELEM_LIST.ELEMENTS, ...some),
      ),
    );
  }
  return messages;
}

function elementAttribute({ key, value, end = false }: SetElement): Buffer {
  const attributes = [nested(NFTA_SET_ELEM.KEY, attribute(NFTA_DATA_VALUE, key))];
  if (value !== undefined) attributes.push(nested(NFTA_SET_ELEM.DATA, attribute(NFTA_DATA_VALUE, value)));
  if (end) attributes.push(u32be(NFTA_SET_ELEM.FLAGS, NFT_SET_ELEM_INTERVAL_END));
  return nested(NFTA_LIST_ELEM, ...attributes);
}

/** struct nfgenmsg naming the subsystem, around the requests: all of them take effect at once, or none. */
export function transaction(requests: readonly Uint8Array[]): Buffer {
  const body = Buffer.of(0, 0, 0, NFNL_SUBSYS_NFTABLES);
  const edge = (type: number) => message({ type, flags: NLM_F.REQUEST, body });
  return Buffer.concat([edge(NFNL_MSG_BATCH_BEGIN), ...requests, edge(NFNL_MSG_BATCH_END)]);
}

/** The packet filter of the network namespace that this process is in. */
export class Nftables implements Disposable {
  readonly #socket: NetlinkSocket;

  /** @throws {EngineError} `internal` with EPROTONOSUPPORT when the kernel has no netfilter */
  constructor() {
    this.#socket = new NetlinkSocket(NETLINK.NETFILTER);
  }

  /** All of the requests, or none. @throws {EngineError} `internal` with the errno, for the first that failed */
  commit(call: string, requests: readonly Uint8Array[]): void {
    this.#socket.request(call, transaction(requests));
  }

  /** Chains of every table of IPv4 and inet that the kernel calls for forwarded packets and that drop what no rule decides. */
  forwardDroppers(): { readonly table: string; readonly chain: string }[] {
    const header = Buffer.of(NFPROTO_UNSPEC, 0, 0, 0);
    const type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.GETCHAIN;
    const dump = message({ type, flags: NLM_F.REQUEST | NLM_F.DUMP, body: header });
    return this.#socket.request('nftables list chains', dump).flatMap(forwardDropper);
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}

function forwardDropper({ body }: NetlinkMessage): { readonly table: string; readonly chain: string }[] {
  const attributes = readAttributes(body, 4);
  const hook = attributes.get(NFTA_CHAIN.HOOK);
  const number = hook && readAttributes(hook).get(NFTA_HOOK.NUMBER)?.readUInt32BE(0);
  const drops = attributes.get(NFTA_CHAIN.POLICY)?.readUInt32BE(0) === NF_DROP;
  if (number !== HOOK.forward || !drops || ![NFPROTO_INET, NFPROTO_IPV4].includes(body[0] ?? 0)) return [];
  return [
    { table: textOf(attributes.get(NFTA_CHAIN.TABLE)), chain: textOf(attributes.get(NFTA_CHAIN.NAME)) },
  ];
}
