import { readFlags } from './flags.ts';
import type { Heredoc, Location } from './syntax.ts';
import type { CommandLine } from './words.ts';

/** What an instruction is read from. */
export interface InstructionSource extends CommandLine {
  /** The whole line, trimmed. */
  readonly original: string;
  readonly location: Location;
  readonly comments: readonly string[];
  readonly heredocs: readonly Heredoc[];
  readonly escapeCharacter: string;
}

/** What every instruction has. */
export const common = ({ location, original, heredocs }: InstructionSource) => ({
  location,
  original,
  heredocs,
});

/** @throws {EngineError} `invalid` when there is any */
export const noFlags = ({ flags }: InstructionSource): void => {
  readFlags(flags, {});
};
