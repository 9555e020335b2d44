import type { Command } from './command.ts';
import type { Flag } from './command-line.ts';

export const helpFlag: Flag = { name: 'help', kind: 'switch', help: 'Print usage' };

/** What `hoist-hub --help` prints. */
export function programHelp(commands: readonly Pick<Command, 'name' | 'summary'>[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return (
    '\nUsage:  hoist-hub COMMAND [OPTIONS]\n\nA registry with accounts, public and private repositories, search and a web page.\n\n' +
    `Commands:\n${table(rows)}\n\nOptions:\n${table([
      ['--help', 'Print usage'],
      ['--version', 'Print version information'],
    ])}\n\nRun 'hoist-hub COMMAND --help' for more information on a command.\n`
  );
}

/** What `hoist-hub COMMAND --help` prints. */
export function commandHelp({ name, words, summary, flags }: Omit<Command, 'run'>): string {
  const usage = ['hoist-hub', name, '[OPTIONS]', ...words].join(' ');
  const rows = [...flags, helpFlag].map(
    (flag) => [`--${flag.name}${kinds[flag.kind]}`, helpOf(flag)] as const,
  );
  return `\nUsage:  ${usage}\n\n${summary}\n\nOptions:\n${table(rows)}\n`;
}

const kinds: Readonly<Record<Flag['kind'], string>> = {
  text: ' string',
  switch: '',
  list: ' list',
  duration: ' duration',
};

const helpOf = ({ help, standard }: Flag): string =>
  standard === undefined ? help : `${help} (default ${standard})`;

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`).join('\n');
}
