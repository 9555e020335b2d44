import { defaultShell } from './metadata.ts';
import type { StageState } from './state.ts';

/** How the classic builder writes an instruction that runs nothing: `/bin/sh -c #(nop)  CMD ["sh"]`. */
export const classicText = ({ config }: Pick<StageState, 'config'>, text: string): string =>
  `${(config.Shell ?? defaultShell).join(' ')} #(nop) ${text}`;

/** The command of a RUN, its arguments before it: `|1 A=b /bin/sh -c make`. */
export function runText(args: readonly (readonly [string, string])[], words: readonly string[]): string {
  const shown = args.map(([name, value]) => `${name}=${value}`);
  const before = shown.length === 0 ? [] : [`|${shown.length}`, ...shown];
  return [...before, ...words].join(' ');
}
