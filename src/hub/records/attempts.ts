/** Failures that came to be counted under a key. */
export interface Failures {
  readonly count: number;
  /** When the last of them was. */
  readonly lastAt: string;
}

/** Failures under a key are forgotten so long after the last of them. */
export const failuresLastSeconds = 3600;

/**
 * Under so many keys at most are failures remembered, and of all failures so many of the last ones at least; what is more is
 * forgotten from the oldest on.
 */
export const mostFailures = 100_000;

/**
 * How often passwords, codes and other secrets were wrong: what guessing is slowed down by. Keys say who guessed at what; they
 * tell nothing to who reads them, for a name that comes with a wrong password may be a password itself.
 */
export interface AttemptRecords {
  /** What counts under each key at this moment; a key under which nothing counts is not in it. */
  failures(keys: readonly string[]): Promise<ReadonlyMap<string, Failures>>;
  /** One more under each of the keys. It counts as soon as it is there, whoever else fails at the same time. */
  add(keys: readonly string[]): Promise<void>;
  /** Nothing counts under these keys any more. */
  forget(keys: readonly string[]): Promise<void>;
  /** Drops what has been forgotten by now. @returns how many keys went */
  dropForgotten(): Promise<number>;
}
