import { type Filters, matchesExactly, matchesLabels } from '#events/index.ts';
import type { VolumeRecord } from './records.ts';

/** Docker's volume filters: `name` (a part of it), `driver`, `label`, `label!`, `dangling`. */
export function matchesVolume(
  record: VolumeRecord,
  filters: Filters,
  usersOf: (name: string) => readonly string[],
): boolean {
  const { name, labels } = record;
  const unwanted = filters['label!'];
  return (
    (filters['name'] === undefined || filters['name'].some((part) => name.includes(part))) &&
    matchesExactly(filters, 'driver', 'local') &&
    matchesLabels(filters['label'], labels) &&
    (unwanted === undefined || !unwanted.some((label) => matchesLabels([label], labels))) &&
    matchesDangling(filters['dangling']?.[0], () => usersOf(name).length === 0)
  );
}

function matchesDangling(wanted: string | undefined, isDangling: () => boolean): boolean {
  if (wanted === undefined) return true;
  return (wanted === '1' || wanted === 'true') === isDangling();
}
