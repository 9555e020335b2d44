import type { BuildCache, SystemDataUsageResponse } from '#api/index.ts';
import { containerHeaders, containerRow } from './container-row.ts';
import { humanDuration, humanSize } from './human.ts';
import { imageHeaders, imageRows } from './image-rows.ts';
import { listingText, type Row } from './listing.ts';

/** `system df --verbose`: a table for each kind. */
export async function usageDetails({
  Images,
  Containers,
  Volumes,
  BuildCache: cache,
}: SystemDataUsageResponse): Promise<string> {
  const table = (
    columns: readonly string[],
    headers: Readonly<Record<string, string>>,
    rows: readonly Row[],
  ) => listingText({ format: 'table', columns, headers, rows, goType: '' });
  const images = imageRows(Images ?? [], { truncate: true, digests: false });
  const containers = (Containers ?? []).map((container) => containerRow(container, { truncate: true }));
  const volumes = (Volumes ?? []).map((volume) => ({
    Name: volume.Name,
    Links: volume.UsageData ? String(volume.UsageData.RefCount) : 'N/A',
    Size: volume.UsageData && volume.UsageData.Size >= 0 ? humanSize(volume.UsageData.Size) : 'N/A',
  }));
  const size = (cache ?? []).reduce((total, each) => total + (each.Shared ? 0 : each.Size), 0);
  return `Images space usage:

${await table(['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'], imageHeaders, images)}
Containers space usage:

${await table(['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'], containerHeaders, containers)}
Local Volumes space usage:

${await table(['Name', 'Links', 'Size'], { Name: 'VOLUME NAME', Links: 'LINKS', Size: 'SIZE' }, volumes)}
Build cache usage: ${humanSize(size)}

${await table(Object.keys(cacheHeaders), cacheHeaders, (cache ?? []).map(cacheRow))}`;
}

const cacheHeaders = {
  ID: 'CACHE ID',
  CacheType: 'CACHE TYPE',
  Size: 'SIZE',
  CreatedSince: 'CREATED',
  LastUsedSince: 'LAST USED',
  UsageCount: 'USAGE',
  Shared: 'SHARED',
};

function cacheRow(cache: BuildCache): Row {
  const since = (time: string) => `${humanDuration(Date.now() - Date.parse(time))} ago`;
  return {
    ID: `${cache.ID.slice(0, 12)}${cache.InUse ? '*' : ''}`,
    CacheType: cache.Type,
    Size: humanSize(cache.Size, 3),
    CreatedSince: since(cache.CreatedAt),
    LastUsedSince: cache.LastUsedAt ? since(cache.LastUsedAt) : '',
    UsageCount: String(cache.UsageCount),
    Shared: String(cache.Shared),
  };
}
