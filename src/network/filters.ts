import { timeBefore } from '#api/until.ts';
import { invalid } from '#base/errors.ts';
import { type Filters, matchesExactly, matchesLabels } from '#events/index.ts';
import { isPredefined } from './network-table.ts';
import type { NetworkRecord } from './records.ts';

const known = ['dangling', 'driver', 'id', 'label', 'label!', 'name', 'scope', 'type'];
const knownToPrune = ['label', 'label!', 'until'];

/** Whether a network is among those that `GET /networks` asks for. @throws {EngineError} `invalid` for an unknown filter */
export function matchesNetwork(filters: Filters, network: NetworkRecord, isUsed: boolean): boolean {
  checkNames(filters, known);
  const partly = (name: 'id' | 'name') => filters[name]?.some((part) => network[name].includes(part)) ?? true;
  return (
    matchesExactly(filters, 'driver', network.driver) &&
    matchesExactly(filters, 'scope', 'local') &&
    partly('id') &&
    partly('name') &&
    matchesType(filters['type'], network) &&
    matchesDangling(filters['dangling'], !isUsed && !isPredefined(network.name)) &&
    hasLabels(filters, network)
  );
}

/** Whether `POST /networks/prune` means an unused network. @throws {EngineError} `invalid`, whatever the network */
export function matchesPrune(filters: Filters, network: NetworkRecord, now: Date): boolean {
  checkNames(filters, knownToPrune);
  const [until, second] = filters['until'] ?? [];
  if (second !== undefined) throw invalid('more than one until filter specified');
  const before = until === undefined ? Number.POSITIVE_INFINITY : timeBefore(until, now);
  return Date.parse(network.createdAt) < before && hasLabels(filters, network);
}

function hasLabels(filters: Filters, { labels }: NetworkRecord): boolean {
  const unwanted = filters['label!'];
  return (
    matchesLabels(filters['label'], labels) && (unwanted === undefined || !matchesLabels(unwanted, labels))
  );
}

function matchesType(types: readonly string[] | undefined, { name }: NetworkRecord): boolean {
  const wrong = types?.find((type) => type !== 'custom' && type !== 'builtin');
  if (wrong !== undefined) throw invalid(`invalid filter: 'type'='${wrong}'`);
  return types?.includes(isPredefined(name) ? 'builtin' : 'custom') ?? true;
}

function matchesDangling(values: readonly string[] | undefined, isDangling: boolean): boolean {
  const value = values?.[0];
  if (value === undefined) return true;
  if (['true', '1', 't'].includes(value.toLowerCase())) return isDangling;
  if (['false', '0', 'f'].includes(value.toLowerCase())) return !isDangling;
  throw invalid(`invalid filter 'dangling=[${value}]'`);
}

function checkNames(filters: Filters, names: readonly string[]): void {
  const wrong = Object.keys(filters).find((name) => !names.includes(name));
  if (wrong !== undefined) throw invalid(`invalid filter '${wrong}'`);
}
