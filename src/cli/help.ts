import type { Command } from './command.ts';
import type { Flag, FlagSet } from './flags.ts';

export const program = 'hoist';

/** A command's whole help text, in Docker's layout. */
export function commandHelp(command: Command, columns: number): string {
  const parts = [usageLine(command), command.details ?? command.about];
  if (command.aliases !== undefined) {
    parts.push(`Aliases:\n  ${command.aliases.map((name) => `${program} ${name}`).join(', ')}`);
  }
  const options = flagTable(command.flags, columns);
  if (options !== '') parts.push(`Options:\n${options}`);
  return `${parts.join('\n\n')}\n`;
}

/** `Usage:  hoist run [OPTIONS] IMAGE`. A further synopsis stands on a line of its own. */
export function usageLine(command: Pick<Command, 'usage'>): string {
  const synopses = typeof command.usage === 'string' ? [command.usage] : command.usage;
  return `Usage:  ${synopses.map((each) => `${program} ${each}`).join('\n\t')}`;
}

/** The table of flags, sorted by name, the text wrapped to the terminal. */
export function flagTable(flags: FlagSet, columns: number): string {
  const shown = Object.keys(flags)
    .filter((name) => !flags[name]!.hidden && flags[name]!.deprecated === undefined)
    .sort()
    .map((name) => ({ left: flagTitle(name, flags[name]!), text: flagText(flags[name]!) }));
  const width = Math.max(0, ...shown.map(({ left }) => left.length)) + 3;
  return shown.map(({ left, text }) => left.padEnd(width) + wrap(text, width, columns - 1)).join('\n');
}

function flagTitle(name: string, { short, type }: Flag<unknown>): string {
  const start = short === undefined ? '      ' : `  -${short}, `;
  return type === '' ? `${start}--${name}` : `${start}--${name} ${type}`;
}

function flagText({ usage, shows }: Flag<unknown>): string {
  return shows === undefined ? usage : `${usage} (default ${shows})`;
}

/** Lines may run over by this much rather than leave a word or two alone on the next. */
const slop = 5;

/**
 * Breaks a text at spaces into lines that start at column `indent` and end before `columns`, as pflag does: a line
 * that would leave no more than `slop` for the next is kept whole.
 */
export function wrap(text: string, indent: number, columns: number): string {
  let start = indent;
  let width = columns - start;
  let first = '';
  const margin = () => `\n${' '.repeat(start)}`;
  if (width < 24) {
    start = 16;
    width = columns - start;
    first = margin();
  }
  if (width < 24) return text.replaceAll('\n', margin());
  const lines: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const [line, after] = cut(rest, width - slop);
    lines.push(line.replaceAll('\n', margin()));
    rest = after;
  }
  return first + lines.join(margin());
}

function cut(text: string, width: number): [string, string] {
  if (width + slop > text.length) return [text, ''];
  const head = text.slice(0, width);
  const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (space <= 0) return [text, ''];
  const newline = head.lastIndexOf('\n');
  const at = newline > 0 && newline < space ? newline : space;
  return [text.slice(0, at), text.slice(at + 1)];
}
