import type { PullDay } from '../api/repositories.ts';

/** Pulls of a repository on a day. */
export interface CountedPulls {
  readonly repositoryId: number;
  /** `2026-03-01`, of UTC. */
  readonly day: string;
  readonly pulls: number;
  /** The last one's time. */
  readonly at: string;
}

/** How often repositories are pulled: in all, last when, and by day. */
export interface PullRecords {
  /**
   * Adds what was counted, all of it or nothing. What is of a repository that is there no more is left out. A repository's days
   * are kept for a year (366 days) before the newest one that is added.
   */
  add(batch: readonly CountedPulls[]): Promise<void>;
  /** A repository's days from one on that have pulls, in their order. */
  byDay(repositoryId: number, from: string): Promise<readonly PullDay[]>;
}
