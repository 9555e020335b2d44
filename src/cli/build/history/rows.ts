import type { BuildSummary } from '#api/build.ts';
import { humanDuration, shortId } from '../../format/human.ts';
import type { Row } from '../../format/listing.ts';
import { seconds } from '../progress/plain.ts';

export const buildHeaders = {
  ID: 'BUILD ID',
  Name: 'NAME',
  Status: 'STATUS',
  Steps: 'STEPS',
  Cached: 'CACHED',
  CreatedAt: 'CREATED AT',
  Duration: 'DURATION',
  Image: 'IMAGE',
};

const statusOf = { running: 'Running', done: 'Completed', failed: 'Error', cancelled: 'Canceled' } as const;

/** A build as a list shows it. */
export function buildRow(
  build: BuildSummary,
  { now, full }: { readonly now: number; readonly full: boolean },
): Row {
  return {
    ID: full ? build.id : build.id.slice(0, 12),
    Name: build.name,
    Status: statusOf[build.outcome],
    Steps: String(build.steps),
    Cached: String(build.cached),
    CreatedAt: `${humanDuration(now - Date.parse(build.startedAt))} ago`,
    Duration: durationText(build, now),
    Image: full ? (build.image ?? '') : shortId(build.image ?? ''),
    Error: build.error ?? '',
  };
}

export const durationText = ({ startedAt, milliseconds }: BuildSummary, now: number): string =>
  milliseconds === undefined ? `${seconds(now - Date.parse(startedAt))}+` : seconds(milliseconds);
