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

/** Whether `POST /networks/prune` means an unused network. */
export function matchesPrune(filters: Filters, network: NetworkRecord, now: Date): boolean {
  checkNames(filters, knownToPrune);
  const until = filters['until']?.[0];
  return (
    hasLabels(filters, network) &&
    (until === undefined || Date.parse(network.createdAt) < untilOf(until, now))
  );
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

const unitMilliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `24h`, `1h30m`: so long ago; seconds since 1970; or a date. */
function untilOf(text: string, now: Date): number {
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    return (
      now.getTime() -
      parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMilliseconds[unit!]!, 0)
    );
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw invalid(`invalid filter 'until=${text}'`);
  return date;
}
