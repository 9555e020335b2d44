import type { BuildCache } from '#api/index.ts';
import { humanDuration, humanSize } from '../format/human.ts';
import type { Row } from '../format/listing.ts';

export const cacheHeaders = {
  ID: 'ID',
  Type: 'TYPE',
  Size: 'SIZE',
  LastUsedSince: 'LAST ACCESSED',
  Reclaimable: 'RECLAIMABLE',
  Description: 'DESCRIPTION',
};

/** A record of the cache as a list shows it; one in use has a star. */
export function cacheRow(cache: BuildCache, now: number, full: boolean): Row {
  return {
    ID: `${full ? cache.ID : cache.ID.replace(/^sha256:/, '').slice(0, 12)}${cache.InUse ? '*' : ''}`,
    Type: cache.Type,
    Size: humanSize(cache.Size, 3),
    LastUsedSince: since(cache.LastUsedAt, now),
    Reclaimable: String(!cache.InUse),
    Description: cache.Description,
    UsageCount: String(cache.UsageCount),
    Shared: String(cache.Shared),
    CreatedAt: cache.CreatedAt,
  };
}

/** Everything about a record, a line each, as `buildx du --verbose` has it. */
export function cacheDetails(cache: BuildCache, now = Date.now()): string {
  const lines: [string, string][] = [
    ['ID:', cache.ID],
    ...(cache.Parents?.length ? [['Parents:', cache.Parents.join(', ')] as [string, string]] : []),
    ['Created at:', cache.CreatedAt],
    ['Mutable:', String(cache.Type === 'exec.cachemount')],
    ['Reclaimable:', String(!cache.InUse)],
    ['Shared:', String(cache.Shared)],
    ['Size:', humanSize(cache.Size)],
    ['Description:', cache.Description],
    ['Usage count:', String(cache.UsageCount)],
    ...(cache.LastUsedAt ? [['Last used:', since(cache.LastUsedAt, now)] as [string, string]] : []),
    ['Type:', cache.Type],
  ];
  return lines.map(([name, value]) => `${name.padEnd(15)}${value}\n`).join('');
}

const since = (time: string | null | undefined, now: number): string =>
  time ? `${humanDuration(now - Date.parse(time))} ago` : '';
