import type { Status } from '../api/administration.ts';

/** How much of everything there is. A content counts once, however many repositories have it. */
export type RecordCounts = Pick<
  Status,
  'accounts' | 'repositories' | 'manifests' | 'blobs' | 'bytes' | 'badBlobs'
>;

export interface StatusRecords {
  counts(): Promise<RecordCounts>;
}
