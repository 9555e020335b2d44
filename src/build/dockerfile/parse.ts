import { readDirectives } from './directives.ts';
import { byItself, DockerfileError, inDockerfile, unreadable } from './dockerfile-error.ts';
import { heredocsOf } from './heredoc.ts';
import { descriptionOf, readInstruction } from './instruction.ts';
import type { InstructionSource } from './instruction-source.ts';
import { LineReader, type LogicalLine } from './line-reader.ts';
import { lineAt, readLines, shownLines } from './source.ts';
import type {
  ArgInstruction,
  Directives,
  Dockerfile,
  FromInstruction,
  Heredoc,
  Instruction,
  Location,
} from './syntax.ts';
import { jsonWords, splitCommand } from './words.ts';

export { DockerfileError } from './dockerfile-error.ts';

/** Instructions of a Dockerfile at most: beyond, it is made to cost memory. */
const maxInstructions = 10_000;

/**
 * Reads a Dockerfile. Variables stay as they are written.
 *
 * @throws {DockerfileError} in BuildKit's words
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function parseDockerfile(text: string | Uint8Array): Dockerfile {
  const lines = readLines(text);
  const { directives, lines: read } = readDirectives(lines);
  const reader = new LineReader(lines, directives.escape, read);
  const assembly = new Assembly();
  for (let line = reader.next(); line !== undefined; line = reader.next())
    assembly.add(sourceOf(reader, line, directives.escape), line);
  const end = lineAt(Math.max(1, lines.length));
  return { directives, ...assembly.done(end), lines: shownLines(lines) };
}

/**
 * Reads one instruction: a trigger that an image has. Heredocs may follow it.
 *
 * @throws {DockerfileError} also for FROM, and for a text of several instructions
 */
export function parseInstruction(text: string, options: { readonly escape?: '\\' | '`' } = {}): Instruction {
  const lines = readLines(text);
  const escapeCharacter = options.escape ?? '\\';
  const reader = new LineReader(lines, escapeCharacter, 0);
  const line = reader.next();
  if (line === undefined) throw new DockerfileError('file with no instructions', lineAt(1));
  const instruction = instructionOf(sourceOf(reader, line, escapeCharacter), byItself);
  const more = reader.next();
  if (more !== undefined) throw new DockerfileError('only one instruction is allowed here', more.location);
  if (instruction.kind !== 'FROM') return instruction;
  throw new DockerfileError('FROM is not allowed here', instruction.location);
}

/**
 * Reads instructions without a stage: the changes of `commit` and `import`.
 *
 * @param check looks at every keyword before any instruction is read
 * @throws {DockerfileError} also for FROM and for a text of none
 */
export function parseInstructions(
  text: string,
  check: (keyword: string) => void,
): { readonly directives: Directives; readonly instructions: readonly Instruction[] } {
  const lines = readLines(text);
  const { directives, lines: read } = readDirectives(lines);
  const reader = new LineReader(lines, directives.escape, read);
  const sources: InstructionSource[] = [];
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    if (sources.length === maxInstructions)
      throw new DockerfileError(`more than ${maxInstructions} instructions`, line.location);
    sources.push(sourceOf(reader, line, directives.escape));
  }
  if (sources.length === 0) throw new DockerfileError('file with no instructions', lineAt(1));
  for (const { command } of sources) check(command);
  const instructions = sources.map((source) => {
    const instruction = instructionOf(source, byItself);
    if (instruction.kind !== 'FROM') return instruction;
    throw new DockerfileError('FROM is not allowed here', instruction.location);
  });
  return { directives, instructions };
}

/** Takes a line apart, and reads the documents it opens. */
function sourceOf(reader: LineReader, line: LogicalLine, escapeCharacter: string): InstructionSource {
  const { text, location, comments } = line;
  const parts = splitCommand(text);
  const read = mayHaveHeredocs(parts.command, parts.rest)
    ? reader.documents(heredocsOf(text), line)
    : { heredocs: [] as readonly Heredoc[], location };
  return { ...parts, original: text.trim(), comments, escapeCharacter, ...read };
}

/** RUN, COPY and ADD, by themselves or as a trigger, unless they have JSON form. */
function mayHaveHeredocs(command: string, rest: string): boolean {
  const upper = command.toUpperCase();
  if (upper === 'ONBUILD') {
    const inner = splitCommand(rest);
    return inner.command.toUpperCase() !== 'ONBUILD' && mayHaveHeredocs(inner.command, inner.rest);
  }
  if (upper !== 'RUN' && upper !== 'COPY' && upper !== 'ADD') return false;
  return !isJson(rest);
}

function isJson(rest: string): boolean {
  try {
    return jsonWords(rest) !== undefined;
  } catch {
    // an array of something else: the instruction's own reader says so
    return true;
  }
}

function instructionOf(
  source: InstructionSource,
  placed: (error: unknown, location: Location) => unknown,
): Instruction | FromInstruction {
  try {
    return readInstruction(source);
  } catch (error) {
    throw placed(error, source.location);
  }
}

interface OpenStage {
  readonly from: FromInstruction;
  readonly instructions: Instruction[];
}

/** Puts instructions into stages. */
class Assembly {
  readonly #globalArgs: ArgInstruction[] = [];
  readonly #stages: OpenStage[] = [];
  readonly #notes: { readonly rule: string; readonly detail: string; readonly location: Location }[] = [];
  #count = 0;

  add(source: InstructionSource, line: LogicalLine): void {
    if (line.hasEmptyContinuation) {
      const { end } = line.location;
      this.#notes.push({
        rule: 'NoEmptyContinuation',
        detail: 'Empty continuation line',
        location: { start: { line: end.line, column: 1 }, end },
      });
    }
    if (++this.#count > maxInstructions)
      throw new DockerfileError(`more than ${maxInstructions} instructions`, source.location);
    const instruction = instructionOf(source, inDockerfile);
    const stage = this.#stages.at(-1);
    if (instruction.kind === 'FROM') this.#stages.push({ from: instruction, instructions: [] });
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.kind === 'ARG') this.#globalArgs.push(instruction);
    else throw new DockerfileError('no build stage in current context', instruction.location);
  }

  /** @param end where a file without a stage is wrong */
  done(end: Location): Pick<Dockerfile, 'globalArgs' | 'stages' | 'notes'> {
    if (this.#count === 0) throw unreadable('file with no instructions', end);
    if (this.#stages.length === 0) throw new DockerfileError('dockerfile contains no stages to build', end);
    const stages = this.#stages.map(({ from, instructions }, index) => {
      const description =
        from.name === undefined ? undefined : descriptionOf(from.comments, from.name.toLowerCase());
      return { index, from, instructions, ...(description === undefined ? {} : { description }) };
    });
    return { globalArgs: this.#globalArgs, stages, notes: this.#notes };
  }
}
