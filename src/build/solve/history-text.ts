import { defaultShell } from './metadata.ts';
import type { StageState } from './state.ts';

/** How the classic builder writes an instruction that runs nothing: `/bin/sh -c #(nop)  CMD ["sh"]`. */
export const classicText = ({ config }: Pick<StageState, 'config'>, text: string): string =>
  `${(config.Shell ?? defaultShell).join(' ')} #(nop) ${text}`;

/** The command of a RUN, its arguments before it: `|1 A=b /bin/sh -c make`. */
export function runText(args: ReadonlyMap<string, string | undefined>, words: readonly string[]): string {
  const shown = [...args]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
  const before = shown.length === 0 ? [] : [`|${shown.length}`, ...shown.sort()];
  return [...before, ...words].join(' ');
}
