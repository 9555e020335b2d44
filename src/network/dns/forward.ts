import { closeSync, openSync } from 'node:fs';
import type { NameServer } from '../resolv-conf.ts';
import { exchange, type Way } from './exchange.ts';
import { fitted, type Query, RCODE, replyCode, writeReply } from './message.ts';

/** dockerd's: how many servers are asked, and how long each. */
const MAX_SERVERS = 3;
const SERVER_TIMEOUT_MS = 4000;
/** How many questions of one container, and of all together, are with servers at once: each has a socket of its own. */
const MAX_OF_ONE = 512;
const MAX_OF_ALL = 4096;

let all = 0;

/** Passes one container's questions on to servers. */
export class Forwarder implements Disposable {
  readonly #servers: () => readonly NameServer[];
  readonly #signal: AbortSignal;
  /** A descriptor of the container's namespace, where a server is asked in there. */
  readonly #namespace: number | undefined;
  #pending = 0;

  /** @param servers whom to ask, at the time of each question; none: nobody, and that is said */
  constructor(
    servers: () => readonly NameServer[],
    { namespace, signal }: { readonly namespace: number; readonly signal: AbortSignal },
  ) {
    this.#servers = servers;
    this.#signal = signal;
    if (servers().some(({ inside }) => inside)) this.#namespace = openSync(`/proc/self/fd/${namespace}`, 'r');
  }

  /** The reply for who asked. Always one: what nobody answers is a failure of ours. */
  async forward(bytes: Uint8Array, query: Query, way: Way): Promise<Buffer> {
    if (this.#pending >= MAX_OF_ONE || all >= MAX_OF_ALL)
      return writeReply(query, { rcode: RCODE.refused }, query.udpBytes);
    this.#pending += 1;
    all += 1;
    try {
      return await this.#ask(bytes, query, way);
    } finally {
      this.#pending -= 1;
      all -= 1;
    }
  }

  [Symbol.dispose](): void {
    if (this.#namespace !== undefined) closeSync(this.#namespace);
  }

  async #ask(bytes: Uint8Array, query: Query, way: Way): Promise<Buffer> {
    for (const { address, inside } of this.#servers().slice(0, MAX_SERVERS)) {
      if (this.#signal.aborted) break;
      const server = { address, ...(inside && { namespace: this.#namespace }) };
      const limits = { milliseconds: SERVER_TIMEOUT_MS, signal: this.#signal };
      const reply = await exchange(server, { bytes, query, way }, limits);
      if (reply === undefined || isFailure(replyCode(reply, query.id, query))) continue;
      return way === 'udp' ? fitted(reply, query) : reply;
    }
    return writeReply(query, { rcode: RCODE.serverFailure }, query.udpBytes);
  }
}

/** A server that cannot or will not says nothing of what the next one may. */
const isFailure = (rcode: number | undefined): boolean =>
  rcode === undefined || rcode === RCODE.serverFailure || rcode === RCODE.refused;
