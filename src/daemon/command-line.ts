import { invalid, messageOf } from '#base/errors.ts';
import { type Flag, flags, shown } from './flags.ts';
import { joined, parseFlagValue, type Value } from './values.ts';

/** The flags that were given, by name. */
export type Given = ReadonlyMap<string, Value>;

/** Parses a command line as dockerd's is parsed. @throws {EngineError} `invalid` in its words */
export function parseCommandLine(args: readonly string[]): Given {
  const given = new Map<string, Value>();
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--') && word.length > 2) longFlag(word.slice(2), rest, given);
    else if (word.startsWith('-') && word.length > 1 && word !== '--') shortFlags(word, rest, given);
    else throw invalid('"hoistd" accepts no arguments');
  }
  return given;
}

function longFlag(text: string, rest: string[], given: Map<string, Value>): void {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const flag = flags.find((candidate) => candidate.name === name);
  if (flag === undefined) throw invalid(`unknown flag: --${name}`);
  const standing = flag.kind === 'switch' ? 'true' : undefined;
  const value = at < 0 ? (standing ?? rest.shift()) : text.slice(at + 1);
  if (value === undefined) throw invalid(`flag needs an argument: --${name}`);
  take(flag, value, given);
}

/** `-D`, `-Hunix:///x`, `-H unix:///x`, `-H=unix:///x`, `-DH unix:///x` */
function shortFlags(word: string, rest: string[], given: Map<string, Value>): void {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at]!;
    const flag = flags.find((candidate) => candidate.short === letter);
    if (flag === undefined) throw invalid(`unknown shorthand flag: '${letter}' in -${word.slice(at)}`);
    const remainder = word.slice(at + 1);
    if (flag.kind === 'switch' && !remainder.startsWith('=')) {
      take(flag, 'true', given);
      continue;
    }
    const value = remainder === '' ? rest.shift() : remainder.replace(/^=/, '');
    if (value === undefined) throw invalid(`flag needs an argument: '${letter}' in -${word.slice(at)}`);
    take(flag, value, given);
    return;
  }
}

function take(flag: Flag, text: string, given: Map<string, Value>): void {
  try {
    given.set(flag.name, joined(flag.kind, given.get(flag.name), parseFlagValue(flag.kind, text)));
  } catch (cause) {
    throw invalid(`invalid argument "${text}" for "${shown(flag)}" flag: ${messageOf(cause)}`, { cause });
  }
}
