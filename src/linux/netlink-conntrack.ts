import { message, NLM_F, nested, readAttributes, u8, u32 } from './netlink.ts';
import { tolerating } from './netlink-host.ts';
import { NETLINK, NetlinkSocket } from './netlink-socket.ts';

/** linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h */
const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_NEW = 0;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;
const CTA_TUPLE_ORIG = 1;
const CTA_FILTER = 25;
const CTA_FILTER_ORIG_FLAGS = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_PROTO = { NUM: 1, DST_PORT: 3 } as const;
/** net/netfilter/nf_internals.h: which parts of a tuple a filter goes by. */
const FILTER_BY_PROTOCOL = 1 << 3;
const FILTER_BY_DESTINATION_PORT = 1 << 5;
const AF_INET = 2;
const IPPROTO_UDP = 17;
const ENOENT = 2;

/**
 * Makes the kernel forget the UDP conversations with these ports of the host, so that each is looked at anew: one that
 * goes on would stay with the container that had the port before.
 *
 * The kernel's table is walked on the worker pool. Kernels before 5.8 do not filter, so what they tell is looked through here.
 */
export async function forgetUdpConversations(hostPorts: ReadonlySet<number>): Promise<void> {
  using socket = new NetlinkSocket(NETLINK.NETFILTER);
  for (const port of hostPorts) {
    const found = await socket.requestAsync('list conversations', listRequest(port));
    const tuples = found
      .filter(({ type }) => type === ((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW))
      .flatMap(({ body }) => readAttributes(body, 4).get(CTA_TUPLE_ORIG) ?? [])
      .filter((tuple) => isUdpTo(tuple, port));
    for (const tuple of tuples)
      tolerating([ENOENT], () => socket.request('forget conversation', deleteRequest(tuple)));
  }
}

function request(type: number, flags: number, ...attributes: readonly Uint8Array[]): Buffer {
  return message({
    type: (NFNL_SUBSYS_CTNETLINK << 8) | type,
    flags: NLM_F.REQUEST | flags,
    body: Buffer.concat([Buffer.of(AF_INET, 0, 0, 0), ...attributes]),
  });
}

function listRequest(port: number): Buffer {
  const portBytes = Buffer.alloc(8);
  portBytes.writeUInt16LE(6, 0);
  portBytes.writeUInt16LE(CTA_PROTO.DST_PORT, 2);
  portBytes.writeUInt16BE(port, 4);
  return request(
    IPCTNL_MSG_CT_GET,
    NLM_F.DUMP,
    nested(CTA_TUPLE_ORIG, nested(CTA_TUPLE_PROTO, u8(CTA_PROTO.NUM, IPPROTO_UDP), portBytes)),
    nested(CTA_FILTER, u32(CTA_FILTER_ORIG_FLAGS, FILTER_BY_PROTOCOL | FILTER_BY_DESTINATION_PORT)),
  );
}

const deleteRequest = (tuple: Uint8Array): Buffer =>
  request(IPCTNL_MSG_CT_DELETE, 0, nested(CTA_TUPLE_ORIG, tuple));

function isUdpTo(tuple: Uint8Array, port: number): boolean {
  const protocol = readAttributes(tuple).get(CTA_TUPLE_PROTO);
  if (protocol === undefined) return false;
  const parts = readAttributes(protocol);
  return (
    parts.get(CTA_PROTO.NUM)?.[0] === IPPROTO_UDP && parts.get(CTA_PROTO.DST_PORT)?.readUInt16BE(0) === port
  );
}
