import { EngineError, invalid } from '#base/errors.ts';
import { type Filters, matchesLabels } from '#events/index.ts';
import type { Container } from '../container.ts';
import { type Status, statuses } from '../life.ts';
import { networkId, networkNames } from '../networking.ts';
import { parsePortKey, parsePortRange, portList } from '../ports.ts';
import type { Rooms } from '../rooms.ts';

const known = [
  'ancestor',
  'before',
  'expose',
  'exited',
  'health',
  'id',
  'isolation',
  'is-task',
  'label',
  'label!',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'until',
  'volume',
];

/** @throws {EngineError} `invalid` in Docker's words */
export function checkFilters(filters: Filters): void {
  for (const name of Object.keys(filters)) {
    if (!known.includes(name)) throw invalid(`invalid filter '${name}'`);
  }
  for (const status of filters['status'] ?? []) {
    if (!statuses.includes(status as Status)) throw invalid(`invalid filter 'status=${status}'`);
  }
  for (const health of filters['health'] ?? []) {
    if (!['none', 'starting', 'healthy', 'unhealthy'].includes(health))
      throw invalid(`invalid filter 'health=${health}'`);
  }
  for (const code of filters['exited'] ?? []) {
    if (!/^-?\d+$/.test(code)) throw invalid(`invalid filter 'exited=${code}'`);
  }
}

/** Filters that ask for containers that do not run make `all` needless. */
export const impliesAll = (filters: Filters): boolean =>
  (filters['status']?.length ?? 0) > 0 || (filters['exited']?.length ?? 0) > 0;

type Test = (container: Container, wanted: string) => boolean;

/** A test for each filter; `label` is apart, since all of its values must hold. */
function tests(rooms: Rooms): Readonly<Record<string, Test>> {
  return {
    id: ({ id }, wanted) => id.startsWith(wanted) || new RegExp(wanted).test(id),
    name: ({ name }, wanted) => matchesName(name, wanted),
    status: ({ state }, wanted) => state.status === wanted,
    exited: ({ state }, wanted) => state.exitCode === Number(wanted) && state.status === 'exited',
    ancestor: ({ record }, wanted) => isAncestor(record, wanted, rooms),
    health: (_, wanted) => wanted === 'none',
    network: ({ record }, wanted) =>
      networkNames(record).some(
        (name) => name === wanted || networkId(name, rooms.networks).startsWith(wanted),
      ),
    volume: ({ record }, wanted) =>
      record.mounts.some(({ name, source, destination }) => [name, source, destination].includes(wanted)),
    publish: (container, wanted) => hasPort(container, wanted, rooms, true),
    expose: (container, wanted) => hasPort(container, wanted, rooms, false),
    'is-task': (_, wanted) => !['true', '1'].includes(wanted),
    isolation: () => true,
  };
}

/** The container passes when for every filter one of its values fits. */
export function matcher(filters: Filters, rooms: Rooms): (container: Container) => boolean {
  const all = tests(rooms);
  const wanted = Object.entries(filters).filter(([name, values]) => name in all && values.length > 0);
  const isInTime = timeFilter(filters, rooms);
  const unwanted = filters['label!'] ?? [];
  return (container) =>
    wanted.every(([name, values]) => values.some((value) => all[name]!(container, value))) &&
    matchesLabels(filters['label'], container.record.config.Labels) &&
    !unwanted.some((label) => matchesLabels([label], container.record.config.Labels)) &&
    isInTime(container);
}

function matchesName(name: string, wanted: string): boolean {
  try {
    const pattern = new RegExp(wanted);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    return name.includes(wanted);
  }
}

function isAncestor(
  { imageId, image }: { readonly imageId: string; readonly image: string },
  wanted: string,
  { images }: Rooms,
): boolean {
  if (image === wanted) return true;
  try {
    return images.find(wanted)?.id === imageId;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

function hasPort(container: Container, wanted: string, { networks }: Rooms, isPublished: boolean): boolean {
  const [range = '', protocol = 'tcp'] = wanted.split('/');
  const { first, last } = parsePortRange(range);
  const within = (port: number | undefined) => port !== undefined && port >= first && port <= last;
  const { config } = container.record;
  const shown = portList(config, networks.sandboxOf(container.id).ports);
  if (isPublished) return shown.some(({ PublicPort, Type }) => Type === protocol && within(PublicPort));
  return Object.keys(config.ExposedPorts ?? {})
    .map(parsePortKey)
    .some((one) => one.protocol === protocol && within(one.port));
}

/** `before` and `since` another container, `until` a time: by creation. */
function timeFilter(filters: Filters, { store, now }: Rooms): (container: Container) => boolean {
  const before = filters['before']?.map((reference) => store.get(reference).record.createdAt)[0];
  const since = filters['since']?.map((reference) => store.get(reference).record.createdAt)[0];
  const until = filters['until']?.map((text) => untilTime(text, now()))[0];
  return ({ record: { createdAt } }) =>
    (before === undefined || createdAt < before) &&
    (since === undefined || createdAt > since) &&
    (until === undefined || createdAt < until);
}

/** A Go duration before now, seconds since 1970, or a date. */
function untilTime(text: string, now: Date): string {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    const span = parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
    return new Date(now.getTime() - span).toISOString();
  }
  const date = /^\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (Number.isNaN(date.getTime())) throw invalid(`failed to parse value as time or duration: "${text}"`);
  return date.toISOString();
}
