import { closeSync } from 'node:fs';
import { EngineError } from '#base/errors.ts';
import { type NetlinkMessage, outcomeOf, readMessages } from './netlink.ts';
import { nr } from './numbers.ts';
import { socketIn } from './socket-in.ts';
import { checked, errnoName, sys, sysAsync } from './sys.ts';

/** linux/netlink.h */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;

/** bits/socket.h and linux/netlink.h */
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_RAW_CLOEXEC = SOCK_RAW | 0o2000000;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const EAGAIN = 11;
const REPLY_BYTES = 64 * 1024;

/**
 * A conversation with a part of the kernel, in the network namespace that this process is in or in another.
 *
 * The kernel handles a request while it is being sent, so replies are there when sending returns: nothing here waits.
 * Requests that may hold the kernel's locks for long go through `requestAsync`.
 */
export class NetlinkSocket implements Disposable {
  readonly #fd: number;
  readonly #reply = Buffer.allocUnsafeSlow(REPLY_BYTES);
  #closed = false;

  /**
   * @param protocol one of `NETLINK`
   * @param namespace a descriptor of the network namespace to speak with; this process' own when absent
   */
  constructor(protocol: number, namespace?: number) {
    this.#fd =
      namespace === undefined
        ? checked('socket', sys(nr.socket, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol))
        : socketIn(namespace, { domain: AF_NETLINK, type: SOCK_RAW, protocol });
    const one = Buffer.from([1, 0, 0, 0]);
    sys(nr.setsockopt, this.#fd, SOL_NETLINK, NETLINK_CAP_ACK, one, 4);
    sys(nr.setsockopt, this.#fd, SOL_NETLINK, NETLINK_EXT_ACK, one, 4);
    const sendBytes = Buffer.alloc(4);
    sendBytes.writeInt32LE(8 << 20);
    sys(nr.setsockopt, this.#fd, SOL_SOCKET, SO_SNDBUFFORCE, sendBytes, 4);
  }

  /**
   * Sends one datagram of one or more messages, and returns what came back but acknowledgements: a dump's messages.
   *
   * @throws {EngineError} `internal`, with the errno and the kernel's reason, for the first message that failed
   */
  request(call: string, datagram: Uint8Array): NetlinkMessage[] {
    checked(call, sys(nr.sendto, this.#fd, datagram, datagram.length, 0, null, 0));
    return this.#replies(call);
  }

  /** The same, sent from the worker pool. One at a time: replies are not told apart. */
  async requestAsync(call: string, datagram: Uint8Array): Promise<NetlinkMessage[]> {
    checked(call, await sysAsync(nr.sendto, this.#fd, datagram, datagram.length, 0, null, 0));
    return this.#replies(call);
  }

  [Symbol.dispose](): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  #replies(call: string): NetlinkMessage[] {
    const data: NetlinkMessage[] = [];
    let failure: EngineError | undefined;
    for (let datagram = this.#receive(call); datagram !== undefined; datagram = this.#receive(call)) {
      for (const reply of readMessages(datagram)) {
        const outcome = outcomeOf(reply);
        if (outcome === undefined) data.push(reply);
        else if (outcome.errno !== 0) failure ??= failureOf(call, outcome);
      }
    }
    if (failure !== undefined) throw failure;
    return data;
  }

  #receive(call: string): Buffer | undefined {
    const length = sys(nr.recvfrom, this.#fd, this.#reply, REPLY_BYTES, MSG_DONTWAIT, null, null);
    return length === -EAGAIN ? undefined : Buffer.from(this.#reply.subarray(0, checked(call, length)));
  }
}

function failureOf(call: string, outcome: { readonly errno: number; readonly reason?: string }): EngineError {
  const reason = outcome.reason === undefined ? '' : ` (${outcome.reason})`;
  return new EngineError('internal', `${call}: ${errnoName(outcome.errno)}${reason}`, {
    errno: outcome.errno,
    syscall: call,
  });
}
