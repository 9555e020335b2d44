import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { checkBlobs, checkFiles } from './check-blobs.ts';
import { checkDatabase, checkText } from './check-database.ts';
import { checkLinks, checkManifests } from './check-manifests.ts';
import { checkStars, checkUsage } from './check-usage.ts';

/** Something that is not as it should be. */
export interface Finding {
  /** Its name among findings: `blob`, `usage`. */
  readonly kind: 'database' | 'blob' | 'manifest' | 'link' | 'usage' | 'stars' | 'search';
  readonly subject: string;
  readonly problem: string;
  /** What was done about it. */
  readonly repair?: string;
}

export interface CheckOptions {
  /** Blobs' files are held against their sizes alone. */
  readonly quick?: boolean;
  /** Mends what can be mended without losing anything. */
  readonly repair?: boolean;
  readonly found: (finding: Finding) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Checked {
  readonly blobs: number;
  readonly bytes: number;
  readonly manifests: number;
  readonly findings: number;
  /** Of these, mended. */
  readonly repaired: number;
  /** Files that no record has: of pushes under way, or of a crash. Collections take them. */
  readonly strayFiles: number;
}

/** What each check works with. */
export interface Checking {
  readonly rooms: Pick<HubRooms, 'records'>;
  readonly store: BlobStore;
  readonly quick: boolean;
  readonly repair: boolean;
  readonly found: (finding: Finding) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Holds everything against everything: blobs' files against their digests, records against each other, usage against what is
 * there. The Hub may run meanwhile: what it changes between two looks is looked at again before it is called wrong.
 */
export async function check(
  parts: Pick<Checking, 'rooms' | 'store'>,
  { quick = false, repair = false, found, signal }: CheckOptions,
): Promise<Checked> {
  let findings = 0;
  let repaired = 0;
  const checking: Checking = {
    ...parts,
    quick,
    repair,
    signal,
    found: (finding) => {
      findings += 1;
      if (finding.repair !== undefined) repaired += 1;
      found(finding);
    },
  };
  await checkDatabase(checking);
  const blobs = await checkBlobs(checking);
  const strayFiles = await checkFiles(checking);
  const manifests = await checkManifests(checking);
  await checkLinks(checking);
  await checkUsage(checking);
  await checkStars(checking);
  await checkText(checking);
  return { ...blobs, manifests, findings, repaired, strayFiles };
}
