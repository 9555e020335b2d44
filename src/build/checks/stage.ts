import { posix } from 'node:path';
import type { IgnorePatterns } from '#archive/path-pattern.ts';
import { expandWords } from '../dockerfile/expand.ts';
import { suggestion } from '../dockerfile/suggest.ts';
import type { CopyInstruction, Instruction, Location, Stage } from '../dockerfile/syntax.ts';
import type { Report } from './report.ts';
import type { StageVariables, Unset } from './variables.ts';
import { keywordOf } from './written.ts';

/** What a stage has, and those built on it begin with. */
export interface StageState {
  readonly variables: StageVariables;
  /** Whether all variables are known: false on an image whose config is not. */
  readonly isKnown: boolean;
  hasWorkdir: boolean;
  hasShell: boolean;
}

export interface StageSurroundings {
  readonly escape: '\\' | '`';
  readonly ignores: IgnorePatterns | undefined;
  readonly report: Report;
}

/** The instructions of a stage, one after the other. @throws {EngineError} `invalid` where a variable must be set */
export function checkStage(stage: Stage, state: StageState, surroundings: StageSurroundings): void {
  const { report } = surroundings;
  const last = new Map<string, Location>();
  for (const instruction of stage.instructions) {
    checkVariables(instruction, state, report);
    checkInstruction(instruction, state, surroundings);
    if (!['CMD', 'ENTRYPOINT', 'HEALTHCHECK'].includes(instruction.kind)) continue;
    // the earlier one is the one that counts for nothing
    const before = last.get(instruction.kind);
    if (before) report.add('MultipleInstructionsDisallowed', before, keywordOf(instruction));
    last.set(instruction.kind, instruction.location);
  }
}

function checkInstruction(
  instruction: Instruction,
  state: StageState,
  { report, ignores, escape: escapeCharacter }: StageSurroundings,
): void {
  const { kind, location } = instruction;
  if (kind === 'ENV' || kind === 'LABEL') {
    if (instruction.legacy) report.add('LegacyKeyValueFormat', location, keywordOf(instruction));
    if (kind === 'ENV') for (const { key } of instruction.pairs) checkSecret('ENV', key, location, report);
  } else if (kind === 'ARG')
    for (const { key } of instruction.args) checkSecret('ARG', key, location, report);
  else if (kind === 'SHELL') state.hasShell = true;
  else if (kind === 'CMD' || kind === 'ENTRYPOINT') {
    if (instruction.command.form === 'shell' && !state.hasShell)
      report.add('JSONArgsRecommended', location, keywordOf(instruction));
  } else if (kind === 'WORKDIR') {
    const path = state.variables.expand(instruction.text);
    if (!state.hasWorkdir && !path.startsWith('/')) report.add('WorkdirRelativePath', location, path);
    state.hasWorkdir = true;
  } else if (kind === 'EXPOSE') {
    const lookup = (name: string) => state.variables.values.get(name);
    for (const word of instruction.words)
      for (const port of expandWords(word, lookup, { escape: escapeCharacter }))
        checkPort(port, location, report);
  } else if (kind === 'COPY' || kind === 'ADD') {
    if (ignores !== undefined) checkSources(instruction, state, ignores, report);
  }
}

/** A variable that is not known to be set. Where the base's are not known, only what looks like a slip of the pen. */
function checkVariables(instruction: Instruction, state: StageState, report: Report): void {
  const { values, declared } = state.variables;
  const unset = new Set<string>();
  const note: Unset = (name) => {
    if (!declared.has(name)) unset.add(name);
  };
  const known = [...values.keys()];
  state.variables.apply(instruction, note);
  for (const name of unset) {
    const meant = suggestion(name, known).replace('did you mean ', 'did you mean $');
    if (state.isKnown || meant !== '') report.add('UndefinedVar', instruction.location, name, meant);
  }
}

/** A whole word of a name: `API_KEY`, `token`, not `MONKEY`. */
const secretName =
  /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const publicName = /(?:_|^)public(?:_|$)/i;

function checkSecret(keyword: string, name: string, location: Location, report: Report): void {
  if (secretName.test(name) && !publicName.test(name))
    report.add('SecretsUsedInArgOrEnv', location, keyword, name);
}

function checkPort(port: string, location: Location, report: Report): void {
  const container = port.slice(port.lastIndexOf(':') + 1);
  const [, protocol = ''] = container.split('/');
  if (protocol !== protocol.toLowerCase()) report.add('ExposeProtoCasing', location, port);
  if (/[^:]:[^:]*$/.test(port)) report.add('ExposeInvalidFormat', location, port);
}

function checkSources(
  instruction: CopyInstruction,
  { variables }: StageState,
  ignores: IgnorePatterns,
  report: Report,
): void {
  if (instruction.from !== undefined) return;
  for (const word of instruction.sources) {
    if (word.startsWith('<<')) continue;
    const source = variables.expand(word);
    if (instruction.kind === 'ADD' && isRemote(source)) continue;
    if (ignores.ignores(inContext(source)))
      report.add(
        'CopyIgnoredFile',
        instruction.location,
        instruction.kind === 'ADD' ? 'Add' : 'Copy',
        source,
      );
  }
}

const isRemote = (source: string): boolean => /^(https?:\/\/|git:\/\/|ssh:\/\/|git@)/.test(source);

const inContext = (source: string): string => {
  const path = posix.resolve('/', source);
  return path === '/' ? '.' : path.slice(1);
};
