import { invalid } from '#base/errors.ts';
import { copy } from './copy-instruction.ts';
import { parseDevice } from './device-flag.ts';
import { readFlags } from './flags.ts';
import { healthcheck } from './healthcheck.ts';
import { common, type InstructionSource, noFlags } from './instruction-source.ts';
import { keyValues } from './key-values.ts';
import { checkMount } from './mount-flag.ts';
import { suggestion } from './suggest.ts';
import type { ArgInstruction, CommandForm, FromInstruction, Instruction, RunInstruction } from './syntax.ts';
import { blankWords, jsonWords, quoted, quotedWords, splitCommand } from './words.ts';

/** Instructions by keyword, in upper case. */
const readers = {
  FROM: from,
  ARG: arg,
  RUN: run,
  COPY: (source) => copy('COPY', source),
  ADD: (source) => copy('ADD', source),
  ENV: (source) => pairs('ENV', source),
  LABEL: (source) => pairs('LABEL', source),
  CMD: (source) => command('CMD', source),
  ENTRYPOINT: (source) => command('ENTRYPOINT', source),
  SHELL: shell,
  MAINTAINER: (source) => text('MAINTAINER', source),
  USER: (source) => text('USER', source),
  WORKDIR: (source) => text('WORKDIR', source),
  STOPSIGNAL: (source) => text('STOPSIGNAL', source),
  EXPOSE: expose,
  VOLUME: volume,
  HEALTHCHECK: (source) => ({ ...common(source), ...healthcheck(source.flags, source.rest) }),
  ONBUILD: onbuild,
} satisfies Record<string, (source: InstructionSource) => Instruction | FromInstruction>;

export type Keyword = keyof typeof readers;

/** The keyword that a word is, whatever its case. @throws {EngineError} `invalid`: `unknown instruction: FOO` */
export function keywordOf(word: string): Keyword {
  const upper = word.toUpperCase();
  if (isKeyword(upper)) return upper;
  throw invalid(
    `unknown instruction: ${word.slice(0, longestWord)}${suggestion(word, Object.keys(readers), { ignoreCase: true })}`,
  );
}

/** Characters of a word that is none shown. */
const longestWord = 100;

const isKeyword = (word: string): word is Keyword => Object.hasOwn(readers, word);

/** Reads one instruction. @throws {EngineError} `invalid` */
export const readInstruction = (source: InstructionSource): Instruction | FromInstruction =>
  readers[keywordOf(source.command)](source);

/** `# name what it is` */
export const descriptionOf = (comments: readonly string[], name: string): string | undefined =>
  comments.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);

function from(source: InstructionSource): FromInstruction {
  const words = blankWords(source.rest);
  const [base, as, name] = words;
  if (words.length !== 1 && (words.length !== 3 || as!.toLowerCase() !== 'as'))
    throw invalid('FROM requires either one or three arguments');
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase()))
    throw invalid(
      `invalid name for build stage: ${quoted(name)}, name can't start with a number or contain symbols`,
    );
  const platform = readFlags(source.flags, { platform: 'text' }).text('platform');
  return {
    kind: 'FROM',
    ...common(source),
    base: base!,
    ...(platform ? { platform } : {}),
    ...(name === undefined ? {} : { name }),
    comments: source.comments,
  };
}

function arg(source: InstructionSource): ArgInstruction {
  const words = quotedWords(source.rest, source.escapeCharacter);
  if (words.length === 0) throw invalid('ARG requires at least one argument');
  const args = words.map((word) => {
    const [key = ''] = word.split('=', 1);
    if (key === '') throw invalid('ARG names can not be blank');
    const value = word.length > key.length ? word.slice(key.length + 1) : undefined;
    const description = descriptionOf(source.comments, key);
    return {
      key,
      ...(value === undefined ? {} : { value }),
      ...(description === undefined ? {} : { description }),
    };
  });
  return { kind: 'ARG', ...common(source), args, comments: source.comments };
}

function pairs(kind: 'ENV' | 'LABEL', source: InstructionSource): Instruction {
  noFlags(source);
  return { kind, ...common(source), ...keyValues(kind, source.rest, source.escapeCharacter) };
}

function commandOf(rest: string): CommandForm {
  const words = jsonWords(rest);
  return words === undefined ? { form: 'shell', text: rest } : { form: 'exec', words };
}

const networks = ['default', 'none', 'host'];
const securities = ['sandbox', 'insecure'];

function run(source: InstructionSource): RunInstruction {
  const flags = readFlags(source.flags, {
    mount: 'texts',
    device: 'texts',
    network: 'text',
    security: 'text',
  });
  const network = flags.text('network');
  if (network !== undefined && !networks.includes(network))
    throw invalid(`unsupported network mode ${JSON.stringify(network)}${suggestion(network, networks)}`);
  const security = flags.text('security');
  if (security !== undefined && !securities.includes(security))
    throw invalid(`security ${JSON.stringify(security)} is not valid${suggestion(security, securities)}`);
  const mounts = flags.texts('mount');
  for (const mount of mounts) checkMount(mount);
  const devices = flags.texts('device').map(parseDevice);
  return {
    kind: 'RUN',
    ...common(source),
    command: commandOf(source.rest),
    mounts,
    ...(network === undefined ? {} : { network }),
    ...(security === undefined ? {} : { security }),
    ...(devices.length === 0 ? {} : { devices }),
  };
}

function command(kind: 'CMD' | 'ENTRYPOINT', source: InstructionSource): Instruction {
  noFlags(source);
  return { kind, ...common(source), command: commandOf(source.rest) };
}

function shell(source: InstructionSource): Instruction {
  noFlags(source);
  const words = jsonWords(source.rest);
  if (source.rest === '' || words?.length === 0) throw invalid('SHELL requires at least one argument');
  if (words === undefined) throw invalid('SHELL requires the arguments to be in JSON form');
  return { kind: 'SHELL', ...common(source), words };
}

function text(
  kind: 'MAINTAINER' | 'USER' | 'WORKDIR' | 'STOPSIGNAL',
  source: InstructionSource,
): Instruction {
  if (source.rest === '') throw invalid(`${kind} requires exactly one argument`);
  // BuildKit reads over STOPSIGNAL's flags, as over those of ARG
  if (kind !== 'STOPSIGNAL') noFlags(source);
  return { kind, ...common(source), text: source.rest };
}

function expose(source: InstructionSource): Instruction {
  const words = blankWords(source.rest);
  if (words.length === 0) throw invalid('EXPOSE requires at least one argument');
  noFlags(source);
  return { kind: 'EXPOSE', ...common(source), words };
}

function volume(source: InstructionSource): Instruction {
  const words = jsonWords(source.rest) ?? blankWords(source.rest);
  if (words.length === 0) throw invalid('VOLUME requires at least one argument');
  noFlags(source);
  const trimmed = words.map((word) => word.trim());
  if (trimmed.includes('')) throw invalid('VOLUME specified can not be an empty string');
  return { kind: 'VOLUME', ...common(source), words: trimmed };
}

function onbuild(source: InstructionSource): Instruction {
  if (source.rest === '') throw invalid('ONBUILD requires at least one argument');
  noFlags(source);
  const trigger = source.rest.split(/\s/, 1)[0]!.toUpperCase();
  if (trigger === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger === 'MAINTAINER' || trigger === 'FROM')
    throw invalid(`${trigger} isn't allowed as an ONBUILD trigger`);
  checkTrigger(source);
  const documents = source.heredocs.map(({ content, name }) => `\n${content}${name}`);
  return { kind: 'ONBUILD', ...common(source), trigger: source.rest + documents.join('') };
}

const withJson = ['RUN', 'CMD', 'ENTRYPOINT', 'SHELL', 'COPY', 'ADD', 'VOLUME'];

/** What of a trigger is read before it is one: the form of its words. The rest is seen when it is run. */
function checkTrigger({ rest, escapeCharacter }: InstructionSource): void {
  const trigger = splitCommand(rest);
  const kind = trigger.command.toUpperCase();
  if (withJson.includes(kind)) jsonWords(trigger.rest);
  if ((kind === 'ENV' || kind === 'LABEL') && trigger.rest !== '')
    keyValues(kind, trigger.rest, escapeCharacter);
}
