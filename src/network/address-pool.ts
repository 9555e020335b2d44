import { contains, lastOf, networkOf, overlap, parseRange, type Range } from './ipv4.ts';

/** The addresses of one network that containers may have: which are taken, and which is next. */
export class AddressPool {
  readonly #first: number;
  readonly #last: number;
  readonly #taken: Set<number>;
  #from: number;

  /**
   * @param pool what to take from; the first and last address of the subnet are nobody's
   * @param reserved never given: the gateway, and what its user set aside
   */
  constructor(pool: Range, subnet: Range, reserved: Iterable<number>) {
    const [lowest, highest] = [networkOf(subnet).address, lastOf(subnet)];
    const edge = subnet.prefixLength >= 31 ? 0 : 1;
    this.#first = Math.max(networkOf(pool).address, lowest + edge);
    this.#last = Math.min(lastOf(pool), highest - edge);
    this.#taken = new Set(edge === 0 ? reserved : [...reserved, lowest, highest]);
    this.#from = this.#first;
  }

  /** The lowest that is free. Not taken yet. */
  next(): number | undefined {
    while (this.#from <= this.#last && this.#taken.has(this.#from)) this.#from += 1;
    return this.#from <= this.#last ? this.#from : undefined;
  }

  isTaken(address: number): boolean {
    return this.#taken.has(address);
  }

  take(address: number): void {
    this.#taken.add(address);
  }

  give(address: number): void {
    this.#taken.delete(address);
    if (address >= this.#first && address < this.#from) this.#from = address;
  }
}

/** Docker's own ranges for networks that ask for none, each cut into subnets of a size. */
const defaultPools: readonly (readonly [string, number])[] = [
  ['172.17.0.0/16', 16],
  ['172.18.0.0/16', 16],
  ['172.19.0.0/16', 16],
  ['172.20.0.0/14', 16],
  ['172.24.0.0/14', 16],
  ['172.28.0.0/14', 16],
  ['192.168.0.0/16', 20],
];

/** A range that subnets of one size are cut from: `default-address-pools` of daemon.json. */
export interface SubnetPool {
  readonly base: Range;
  readonly size: number;
}

export const dockersPools: readonly SubnetPool[] = defaultPools.map(([base, size]) => ({
  base: parseRange(base) ?? { address: 0, prefixLength: 32 },
  size,
}));

/** The first subnet of the pools that overlaps none of `used`: other networks', and what the host has routes to. */
export function freeSubnet(pools: readonly SubnetPool[], used: readonly Range[]): Range | undefined {
  for (const { base, size } of pools) {
    const step = 2 ** (32 - size);
    for (let address = base.address; contains(base, address); address += step) {
      const subnet = { address, prefixLength: size };
      if (!used.some((other) => overlap(subnet, other))) return subnet;
    }
  }
  return undefined;
}
