import type { Flag, Given } from './command-line.ts';

/** What `hoist-hub` can be told to do. */
export interface Command {
  /** `user add` */
  readonly name: string;
  /** `NAME` */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** @param signal aborts when the program is to end. @returns its exit code */
  run(given: Given, signal: AbortSignal): Promise<number>;
}

export const exitCodes = {
  success: 0,
  /** It could not be done. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It was done, and something is wrong with what the Hub has. */
  damage: 3,
} as const;

export const standardDirectory = '/var/lib/hoist-hub';

export const dataFlag: Flag = {
  name: 'data',
  kind: 'text',
  help: "The Hub's directory",
  standard: `"${standardDirectory}"`,
};

export const directoryOf = (given: Given): string => given.text('data') ?? standardDirectory;

export const say = (text: string): void => void process.stdout.write(text);

/** A command line that says what cannot be meant. */
export class UsageError extends Error {}
