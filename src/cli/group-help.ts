import { commands, type Entry, type Group, groups } from './commands.ts';
import { globalFlags } from './global-flags.ts';
import { flagTable } from './help.ts';
import * as platform from './platform.ts';

/**
 * Prints the commands of a group, or all of them; or complains of a command that there is none of.
 *
 * @param words the command line without global flags
 */
export async function printGroup(words: readonly string[], group?: Group): Promise<number> {
  const rest = group === undefined ? words : words.slice(1);
  const unknown = rest.find((word) => !word.startsWith('-'));
  if (unknown === undefined || unknown === 'help') {
    await platform.stdout.write(group === undefined ? programHelp() : groupHelp(words[0]!, group));
    return 0;
  }
  const name = group === undefined ? 'hoist' : `hoist ${words[0]}`;
  const usage = group === undefined ? '' : `\nUsage:  ${name}\n`;
  await platform.stderr.write(
    `hoist: unknown command: ${name} ${unknown}\n${usage}\nRun '${name} --help' for more information\n`,
  );
  return 1;
}

function groupHelp(name: string, { about, commands }: Group): string {
  return `Usage:  hoist ${name} COMMAND

${about}

Commands:
${table(Object.entries(commands))}
Run 'hoist ${name} COMMAND --help' for more information on a command.
`;
}

function programHelp(): string {
  const all = Object.entries(commands);
  return `Usage:  hoist [OPTIONS] COMMAND

A self-sufficient runtime for containers

Common Commands:
${table(all.filter(([, entry]) => entry.common))}
Management Commands:
${table(Object.entries(groups))}
Commands:
${table(all.filter(([, entry]) => !entry.common))}
Global Options:
${flagTable(globalFlags, platform.stdout.isTerminal ? platform.stdout.columns : 80)}

Run 'hoist COMMAND --help' for more information on a command.
`;
}

function table(entries: readonly (readonly [string, Entry | Group])[]): string {
  return entries
    .filter(([, entry]) => !('hidden' in entry && entry.hidden))
    .map(([name, { about }]) => `  ${name.padEnd(12)}${about}\n`)
    .join('');
}
