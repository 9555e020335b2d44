import { type ExpandOptions, expandHeredoc, expandWord } from '../dockerfile/expand.ts';
import { parseMount } from '../dockerfile/mount-flag.ts';
import type { ArgInstruction, Instruction } from '../dockerfile/syntax.ts';
import { type BuildArguments, declaredArguments } from '../solve/arguments.ts';
import type { GlobalScope } from './bases.ts';

/** What expanding finds: variables by name, those that are unset. */
export type Unset = (name: string) => void;

export interface VariableScope {
  readonly escape: '\\' | '`';
  readonly given: BuildArguments;
  readonly global: GlobalScope;
  readonly platform: ReadonlyMap<string, string>;
}

/** The variables in force in a stage, as its instructions change them. */
export class StageVariables {
  readonly #scope: VariableScope;
  readonly values: Map<string, string>;
  /** ARGs, those without a value too. */
  readonly declared: Set<string>;

  constructor(scope: VariableScope, base?: StageVariables) {
    this.#scope = scope;
    this.values = new Map(base?.values);
    this.declared = new Set(base?.declared);
  }

  expand(text: string, unset?: Unset): string {
    return expandWord(text, (name) => this.values.get(name), this.#options(unset));
  }

  #options(unset: Unset | undefined): ExpandOptions {
    const report = (name: string, value: string | undefined) => {
      if (value === undefined) unset?.(name);
    };
    return { escape: this.#scope.escape, report };
  }

  /** Goes past an instruction. @throws {EngineError} `invalid` where a variable must be set and is not */
  apply(instruction: Instruction, unset?: Unset): void {
    if (instruction.kind === 'ARG') this.#declare(instruction, unset);
    for (const text of expandedTexts(instruction)) this.expand(text, unset);
    for (const { content, expand } of documentsOf(instruction))
      if (expand) expandHeredoc(content, (name) => this.values.get(name), this.#options(unset));
    if (instruction.kind === 'RUN')
      for (const mount of instruction.mounts) parseMount(mount, (value) => this.expand(value, unset));
    if (instruction.kind !== 'ENV') return;
    const pairs = instruction.pairs.map(({ key, value }) => [this.expand(key), this.expand(value)] as const);
    for (const [key, value] of pairs) this.values.set(key, value);
  }

  #declare(instruction: ArgInstruction, unset: Unset | undefined): void {
    for (const arg of instruction.args) {
      const { given, global, platform } = this.#scope;
      const values = declaredArguments(
        { ...instruction, args: [arg] },
        {
          given,
          global: global.values,
          platform,
          expand: (text) => this.expand(text, given.has(arg.key) ? undefined : unset),
        },
      );
      for (const [key, value] of values) if (value !== undefined) this.values.set(key, value);
      this.declared.add(arg.key);
    }
  }
}

/** The words of an instruction that variables are put into and that must know them. */
function expandedTexts(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case 'ENV':
    case 'LABEL':
      return instruction.pairs.flatMap(({ key, value }) => [key, value]);
    case 'COPY':
    case 'ADD': {
      const { sources, destination, chown, chmod, checksum, exclude } = instruction;
      const files = sources.filter((source) => !source.startsWith('<<'));
      return [chown, chmod, checksum, ...exclude, ...files, destination].filter((text) => text !== undefined);
    }
    case 'USER':
    case 'WORKDIR':
    case 'STOPSIGNAL':
      return [instruction.text];
    case 'VOLUME':
      return instruction.words;
    default:
      return [];
  }
}

/** A RUN's documents are its shell's. */
const documentsOf = (instruction: Instruction) =>
  instruction.kind === 'COPY' || instruction.kind === 'ADD' ? instruction.heredocs : [];
