import { closeSync, readFileSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import { conflict } from '#base/errors.ts';
import type { Redirection } from './firewall.ts';
import { EADDRINUSE, EADDRNOTAVAIL, type HeldPort, holdPort } from './held-port.ts';
import { formatAddress, parseAddress } from './ipv4.ts';
import type { PortRequest } from './networks.ts';
import { openProxy, type Target } from './proxy.ts';
import type { EndpointRecord, PortRecord } from './records.ts';

const EAFNOSUPPORT = 97;
const ANY = '0.0.0.0';
const ANY_IPV6 = '::';

/** Ports taken for one endpoint, with the sockets that keep them. */
interface Taken {
  readonly record: PortRecord;
  readonly held: HeldPort | undefined;
}

/** A port that is served. */
interface Open {
  readonly record: PortRecord;
  readonly target: Target;
  readonly proxy: Disposable | undefined;
}

/**
 * The host's ports that are containers': who has which, and the sockets that keep other programs from them.
 *
 * Nothing here waits. What it says of a port that cannot be had is Docker's, to the letter.
 */
export class PublishedPorts implements Disposable {
  readonly #byPort = new Map<string, PortRecord[]>();
  readonly #open = new Map<string, Open[]>();
  #nextFree: number | undefined;

  /**
   * Finds a port of the host for each request and takes it; all of them or none.
   *
   * @param hostBinding the address for requests that name none; the default one is IPv6's too
   * @throws {EngineError} `conflict` when a port is another container's or another program's
   */
  take(requests: readonly PortRequest[], endpoint: EndpointRecord, hostBinding: string): PortRecord[] {
    const taken: Taken[] = [];
    try {
      for (const request of requests) taken.push(...this.#takeOne(request, endpoint, hostBinding, taken));
    } catch (error) {
      for (const { held } of taken) if (held !== undefined) closeSync(held.fd);
      throw error;
    }
    this.#serve(endpoint, taken);
    return taken.map(({ record }) => record);
  }

  /** Takes back ports that an earlier daemon had taken. @returns those that another program has meanwhile */
  retake(records: readonly PortRecord[], endpoint: EndpointRecord): PortRecord[] {
    const results = records.map((record) => ({ record, held: holdPort(record) }));
    const taken = results.map(({ record, held }) => ({
      record,
      held: typeof held === 'number' ? undefined : held,
    }));
    this.#serve(endpoint, taken);
    return results.filter(({ held }) => typeof held === 'number').map(({ record }) => record);
  }

  /** Leads a container's ports to another of its endpoints. The sockets stay open all the while. */
  move(endpoint: EndpointRecord): void {
    const before = this.#open.get(endpoint.containerId) ?? [];
    const moved = before.map(({ record, target, proxy }) => {
      target.address = endpoint.address;
      return { record: { ...record, networkId: endpoint.networkId }, target, proxy };
    });
    this.#open.set(endpoint.containerId, moved);
    before.forEach(({ record }, at) => {
      const others = this.#byPort.get(portKey(record)) ?? [];
      this.#byPort.set(
        portKey(record),
        others.map((one) => (one === record ? (moved[at]?.record ?? one) : one)),
      );
    });
  }

  of(containerId: string): PortRecord[] {
    return (this.#open.get(containerId) ?? []).map(({ record }) => record);
  }

  /** Gives a container's ports back. @returns which they were */
  release(containerId: string): PortRecord[] {
    const open = this.#open.get(containerId) ?? [];
    this.#open.delete(containerId);
    for (const { record, proxy } of open) {
      proxy?.[Symbol.dispose]();
      const left = (this.#byPort.get(portKey(record)) ?? []).filter((one) => one !== record);
      if (left.length > 0) this.#byPort.set(portKey(record), left);
      else this.#byPort.delete(portKey(record));
    }
    return open.map(({ record }) => record);
  }

  /** Closes every socket; the records stay whose they are. */
  [Symbol.dispose](): void {
    for (const containerId of [...this.#open.keys()]) this.release(containerId);
  }

  #serve(endpoint: EndpointRecord, taken: readonly Taken[]): void {
    const open = this.#open.get(endpoint.containerId) ?? [];
    for (const { record, held } of taken) {
      const target = { address: endpoint.address, port: record.containerPort };
      const proxy = held && openProxy({ ...record, fd: held.fd }, target);
      open.push({ record, target, proxy });
      this.#byPort.set(portKey(record), [...(this.#byPort.get(portKey(record)) ?? []), record]);
    }
    this.#open.set(endpoint.containerId, open);
  }

  #takeOne(
    request: PortRequest,
    endpoint: EndpointRecord,
    hostBinding: string,
    before: readonly Taken[],
  ): Taken[] {
    const wanted = request.hostIp === '' ? hostBinding : request.hostIp;
    const hostIps = request.hostIp === '' && hostBinding === ANY ? [ANY, ANY_IPV6] : [wanted];
    const { hostPort: asked, hostPortEnd = asked } = request;
    for (const hostPort of this.#candidates(request)) {
      const names = hostIps.map((hostIp) => ({ protocol: request.protocol, hostIp, hostPort }));
      const { containerId, networkId } = endpoint;
      const records = names.map((name) => ({
        ...name,
        containerId,
        networkId,
        containerPort: request.containerPort,
      }));
      const got = this.#hold(records, before, { endpoint, only: asked !== 0 && asked === hostPortEnd });
      if (got !== undefined) {
        if (asked === 0) this.#nextFree = hostPort + 1;
        return got;
      }
    }
    throw conflict('all ports are allocated');
  }

  /** One port on each of the addresses; `undefined` when it is not free and there are others to try. */
  #hold(
    records: readonly PortRecord[],
    before: readonly Taken[],
    { endpoint, only }: { readonly endpoint: EndpointRecord; readonly only: boolean },
  ): Taken[] | undefined {
    const taken: Taken[] = [];
    const givenUp = (failure: string) => {
      for (const { held } of taken) if (held !== undefined) closeSync(held.fd);
      if (only) throw conflict(failure);
      return undefined;
    };
    for (const record of records) {
      const { hostIp, hostPort } = record;
      if (this.#isAllocated(record, before))
        return givenUp(`Bind for ${hostIp}:${hostPort} failed: port is already allocated`);
      const held = holdPort(record);
      if (typeof held !== 'number') taken.push({ record, held });
      else if (hostIp === ANY_IPV6 && records.length > 1 && isWithoutIpv6(held)) continue;
      else if (held === EADDRINUSE || only) return givenUp(bindFailure(record, endpoint, held));
    }
    return taken;
  }

  #isAllocated(wanted: PortRecord, before: readonly Taken[]): boolean {
    const others = [...(this.#byPort.get(portKey(wanted)) ?? []), ...before.map(({ record }) => record)];
    return others.some(
      (other) => portKey(other) === portKey(wanted) && addressesMeet(other.hostIp, wanted.hostIp),
    );
  }

  *#candidates({ hostPort, hostPortEnd }: PortRequest): Generator<number> {
    if (hostPort !== 0) return yield* numbers(hostPort, hostPortEnd ?? hostPort);
    const { first, last } = ephemeralPorts();
    const start = this.#nextFree !== undefined && this.#nextFree <= last ? this.#nextFree : first;
    yield* numbers(start, last);
    yield* numbers(first, start - 1);
  }
}

/** What the firewall is told of ports: those of IPv4. */
export function redirectionsOf(records: readonly PortRecord[], endpoint: EndpointRecord): Redirection[] {
  return records.flatMap(({ protocol, hostIp, hostPort, containerPort }) => {
    const hostAddress = parseAddress(hostIp);
    if (hostAddress === undefined) return [];
    return [{ protocol, hostAddress, hostPort, address: endpoint.address, port: containerPort }];
  });
}

const portKey = ({ protocol, hostPort }: PortRecord): string => `${protocol} ${hostPort}`;

/** Whether both addresses would get one packet: equal, or one is every address of its version. */
function addressesMeet(a: string, b: string): boolean {
  if (a.includes(':') !== b.includes(':')) return false;
  return a === b || [a, b].some((address) => address === ANY || address === ANY_IPV6);
}

const isWithoutIpv6 = (errno: number): boolean => errno === EADDRNOTAVAIL || errno === EAFNOSUPPORT;

/** As Go words them. asm-generic/errno*.h */
const reasons: Readonly<Record<number, string>> = {
  13: 'permission denied',
  [EADDRINUSE]: 'address already in use',
  [EADDRNOTAVAIL]: 'cannot assign requested address',
};

function bindFailure(
  { protocol, hostIp, hostPort, containerPort }: PortRecord,
  endpoint: EndpointRecord,
  errno: number,
): string {
  const shownIp = hostIp.includes(':') ? `[${hostIp}]` : hostIp;
  const where = `${shownIp}:${hostPort}:${formatAddress(endpoint.address)}:${containerPort}/${protocol}`;
  return `failed to bind host port for ${where}: ${reasons[errno] ?? getSystemErrorMessage(-errno)}`;
}

function* numbers(first: number, last: number): Generator<number> {
  for (let number = first; number <= last; number += 1) yield number;
}

/** The range that the kernel itself takes ports from for programs that ask for any. */
function ephemeralPorts(): { readonly first: number; readonly last: number } {
  try {
    const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .split(/\s+/)
      .map(Number);
    if (first && last) return { first, last };
  } catch {
    // a /proc that hides it
  }
  return { first: 49153, last: 65535 };
}
