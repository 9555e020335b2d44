import { EngineError, invalid } from '#base/errors.ts';
import { AddressPool } from './address-pool.ts';
import type { FilteredNetwork } from './firewall.ts';
import type { BridgeRecord, NetworkRecord, NetworkRows } from './records.ts';

/** A network in memory: its record and, of a bridge network, which addresses are taken and its link once it is there. */
export interface LiveNetwork {
  readonly record: NetworkRecord;
  readonly pool?: AddressPool;
  linkIndex?: number;
  /** It is on its way out: nobody joins it any more. */
  isLeaving?: boolean;
}

/** Docker's own networks: always there, and nobody's to remove. */
export const predefinedNames = ['bridge', 'host', 'none'] as const;

export const isPredefined = (name: string): boolean => (predefinedNames as readonly string[]).includes(name);

/** All networks, in memory over their rows. */
export class NetworkTable {
  readonly #rows: NetworkRows;
  readonly #byId = new Map<string, LiveNetwork>();

  constructor(rows: NetworkRows) {
    this.#rows = rows;
    for (const record of rows.networks()) this.#byId.set(record.id, live(record));
  }

  all(): LiveNetwork[] {
    return [...this.#byId.values()];
  }

  named(name: string): LiveNetwork | undefined {
    return this.all().find(({ record }) => record.name === name);
  }

  byId(id: string): LiveNetwork {
    const found = this.#byId.get(id);
    if (found === undefined) throw networkNotFound(id);
    return found;
  }

  /** By id, by name, then by an id's unique beginning, as Docker looks. */
  get(reference: string): LiveNetwork {
    const found = this.#lookUp(reference);
    if (found.isLeaving) throw networkNotFound(reference);
    return found;
  }

  #lookUp(reference: string): LiveNetwork {
    const found = this.#byId.get(reference) ?? this.named(reference);
    if (found !== undefined) return found;
    const beginning =
      reference === '' ? [] : this.all().filter(({ record }) => record.id.startsWith(reference));
    if (beginning.length > 1)
      throw invalid(
        `network ${reference} is ambiguous (${beginning.length} matches found based on ID prefix)`,
      );
    if (beginning[0] === undefined) throw networkNotFound(reference);
    return beginning[0];
  }

  /** Records a network, new or changed. Its taken addresses are forgotten. */
  put(record: NetworkRecord): LiveNetwork {
    this.#rows.putNetwork(record);
    const made = live(record);
    this.#byId.set(record.id, made);
    return made;
  }

  remove(id: string): void {
    this.#rows.removeNetwork(id);
    this.#byId.delete(id);
  }

  /** Bridge networks whose link is there, as the firewall sees them. */
  filtered(): FilteredNetwork[] {
    return this.all().flatMap(({ record, linkIndex }) =>
      record.bridge === undefined || linkIndex === undefined ? [] : [filteredOf(record, record.bridge)],
    );
  }
}

const live = (record: NetworkRecord): LiveNetwork =>
  record.bridge === undefined ? { record } : { record, pool: poolOf(record.bridge) };

const poolOf = ({ pool, subnet, gateway, reserved }: BridgeRecord): AddressPool =>
  new AddressPool(pool, subnet, [gateway, ...Object.values(reserved)]);

const filteredOf = ({ internal }: NetworkRecord, bridge: BridgeRecord): FilteredNetwork => ({
  linkName: bridge.linkName,
  subnet: bridge.subnet,
  connected: bridge.connected,
  masquerade: bridge.masquerade,
  internal,
});

const networkNotFound = (reference: string): EngineError =>
  new EngineError('notFound', `network ${reference} not found`);
