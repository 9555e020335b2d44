import { type Flag, flags } from './flags.ts';

const kindNames: Readonly<Record<Flag['kind'], string>> = {
  text: ' string',
  switch: '',
  number: ' int',
  bytes: ' bytes',
  list: ' list',
  map: ' map',
  ulimits: ' ulimit',
};

/** What `hoistd --help` prints. */
export function helpText(): string {
  const rows = flags.map((flag) => ({ left: left(flag), right: right(flag) }));
  const width = Math.max(...rows.map((row) => row.left.length));
  const lines = rows.map((row) => `  ${row.left.padEnd(width)}   ${row.right}`);
  return `\nUsage:  hoistd [OPTIONS]\n\nA self-sufficient runtime for containers.\n\nOptions:\n${lines.join('\n')}\n`;
}

const left = (flag: Flag): string =>
  `${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}${kindNames[flag.kind]}`;

const right = (flag: Flag): string => (flag.standard ? `${flag.help} (default ${flag.standard})` : flag.help);
