import type { Query } from '#client/call.ts';
import { type InspectedKind, inspectText } from '#client/inspect-text.ts';
import { type Cli, describe, Failure } from '../command.ts';
import { indentJson } from './indent-json.ts';
import { shown } from './shown.ts';

/** Prints everything about things of one kind. */
export const inspectKind = (
  cli: Cli,
  names: readonly string[],
  { kind, format, query = {} }: { kind: InspectedKind; format: string; query?: Query },
): Promise<number> =>
  inspectAll(cli, names, { format, find: (name) => inspectText(cli.daemon, { kind, name, query }) });

export interface InspectOptions {
  readonly format: string;
  /** The JSON text of what has a name. */
  readonly find: (name: string) => Promise<string>;
}

/** Prints what is known of each name: JSON in one list, or a line by the template. What fails is told at the end. */
export async function inspectAll(
  cli: Cli,
  names: readonly string[],
  { format, find }: InspectOptions,
): Promise<number> {
  const found: string[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      found.push(await find(name));
    } catch (error) {
      failures.push(describe(error));
    }
  }
  const { text, problems } =
    format === '' ? { text: listText(found), problems: [] } : templated(found, format);
  await cli.out(text === '' ? '\n' : text);
  failures.push(...problems);
  if (failures.length > 0) throw new Failure(failures.join('\n'));
  return 0;
}

function listText(texts: readonly string[]): string {
  if (texts.length === 0) return '[]\n';
  return `[\n${texts.map((text) => `    ${indentJson(text.trim(), '    ')}`).join(',\n')}\n]\n`;
}

function templated(texts: readonly string[], format: string): { text: string; problems: string[] } {
  let text = '';
  const problems: string[] = [];
  for (const each of texts) {
    try {
      text += `${shown(JSON.parse(each), format)}\n`;
    } catch (error) {
      if (error instanceof Failure) throw error;
      problems.push(`template parsing error: ${(error as Error).message}`);
    }
  }
  return { text, problems };
}
