import { NETLINK, NetlinkSocket } from '#linux/netlink-socket.ts';
import { addChain, addRule, addTable, deleteTable, listTables, transaction } from '#linux/nftables.ts';
import { compare, loadField, loadMeta, loadValue, redirect } from '#linux/nftables-expressions.ts';
import { DNS_PORT, type Listener, RESOLVER } from './listener.ts';

const TABLE = 'hoist_dns';
const CHAIN = 'output';
/** linux/netfilter_ipv4.h: NF_IP_PRI_NAT_DST */
const DESTINATION_NAT = -100;
/** Longer than a few grace periods of the kernel. */
const TAKEN_DOWN_MS = 100;
/** netinet/in.h */
const PROTOCOL = { tcp: 6, udp: 17 } as const;

/**
 * Leads port 53 of a container's resolver to the ports that it has, so that 53 stays the container's own to listen on. In
 * the container's namespace, in place of what an earlier daemon left there:
 *
 *     table ip hoist_dns {
 *       chain output { type nat hook output priority dstnat
 *         ip daddr 127.0.0.11 meta l4proto udp th dport 53 dnat to 127.0.0.11:40000     (tcp: the same)
 *       }
 *     }
 *
 * @throws {EngineError} `internal` where the kernel has no such rules
 */
export function redirectIn(namespace: number, ports: Listener['ports']): void {
  const socket = new NetlinkSocket(NETLINK.NETFILTER, namespace);
  let replaces = false;
  try {
    replaces = listTables(socket).includes(TABLE);
    socket.request(
      'nftables redirect names',
      transaction([
        ...(replaces ? [deleteTable(TABLE)] : []),
        addTable(TABLE),
        addChain(TABLE, { name: CHAIN, type: 'nat', hook: 'output', priority: DESTINATION_NAT }),
        ...(['udp', 'tcp'] as const).map((protocol) => ruleOf(protocol, ports[protocol])),
      ]),
    );
  } finally {
    // Closing waits, 15 ms, for what the kernel is still taking down; soon there is nothing to wait for.
    if (replaces) setTimeout(() => socket[Symbol.dispose](), TAKEN_DOWN_MS).unref();
    else socket[Symbol.dispose]();
  }
}

function ruleOf(protocol: keyof typeof PROTOCOL, port: number): Buffer {
  const address = Buffer.from(RESOLVER.split('.').map(Number));
  return addRule(
    TABLE,
    CHAIN,
    loadField('destination'),
    compare(address),
    loadMeta('protocol'),
    compare(Buffer.of(PROTOCOL[protocol])),
    loadField('destinationPort'),
    compare(portBytes(DNS_PORT)),
    loadValue(address, 0),
    loadValue(portBytes(port), 1),
    redirect({ address: 0, port: 1 }),
  );
}

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(port);
  return bytes;
}
