import type {
  ArgInstruction,
  Dockerfile,
  FromInstruction,
  Instruction,
  Stage,
} from '../dockerfile/syntax.ts';
import { blankWords, splitCommand } from '../dockerfile/words.ts';
import type { Report } from './report.ts';

const reserved = ['context', 'scratch'];

/** The keyword in its casing. */
export const keywordOf = ({ original }: Pick<Instruction, 'original'>): string =>
  splitCommand(original).command;

/** What can be told by how a Dockerfile is written, before any variable is known. */
export function checkWriting(dockerfile: Dockerfile, report: Report): void {
  for (const { rule, location } of dockerfile.notes)
    if (rule === 'NoEmptyContinuation') report.add(rule, location);
  for (const instruction of dockerfile.globalArgs) checkArgComment(instruction, dockerfile, report);
  for (const stage of dockerfile.stages) {
    checkFrom(stage.from, dockerfile, report);
    for (const instruction of stage.instructions) {
      if (instruction.kind === 'ARG') checkArgComment(instruction, dockerfile, report);
      if (instruction.kind === 'MAINTAINER') report.add('MaintainerDeprecated', instruction.location);
    }
  }
  checkStageNames(dockerfile.stages, report);
  checkCasing(dockerfile.stages, report);
}

function checkFrom(from: FromInstruction, dockerfile: Dockerfile, report: Report): void {
  const { command, rest } = splitCommand(from.original);
  const [, as = '', name] = blankWords(rest);
  if (name === undefined) return;
  if (name !== name.toLowerCase()) report.add('StageNameCasing', from.location, name);
  const sameCasing = casingOf(command);
  if (sameCasing !== undefined && as !== sameCasing(as))
    report.add('FromAsCasing', from.location, command, as);
  if (isDescribed(from, dockerfile)) checkComment('FROM', [name.toLowerCase()], from, report);
}

type Casing = (word: string) => string;
const lower: Casing = (word) => word.toLowerCase();
const upper: Casing = (word) => word.toUpperCase();
const casingOf = (word: string): Casing | undefined => [lower, upper].find((casing) => casing(word) === word);

function checkArgComment(instruction: ArgInstruction, dockerfile: Dockerfile, report: Report): void {
  const names = instruction.args.map(({ key }) => key);
  if (isDescribed(instruction, dockerfile)) checkComment('ARG', names, instruction, report);
}

/** Whether the line above is a comment: an empty line between takes it away from the instruction. */
const isDescribed = ({ location }: Pick<Instruction, 'location'>, { lines }: Dockerfile): boolean =>
  lines[location.start.line - 2]?.trimStart().startsWith('#') === true;

function checkComment(
  keyword: string,
  names: readonly string[],
  { comments, location }: Pick<FromInstruction, 'comments' | 'location'>,
  report: Report,
): void {
  const last = comments.at(-1);
  if (last === undefined || names.includes(last.split(' ')[0]!)) return;
  report.add('InvalidDefinitionDescription', location, keyword, names.length > 1 ? '<arg_key>' : names[0]!);
}

function checkStageNames(stages: readonly Stage[], report: Report): void {
  const seen = new Set<string>();
  for (const { from } of stages) {
    const name = from.name?.toLowerCase();
    if (name === undefined) continue;
    if (reserved.includes(name)) report.add('ReservedStageName', from.location, name);
    if (seen.has(name)) report.add('DuplicateStageName', from.location, name);
    seen.add(name);
  }
}

/** Keywords are all upper case or all lower case: as most of them are, upper where there are as many of each. */
function checkCasing(stages: readonly Stage[], report: Report): void {
  const written = stages
    .flatMap(({ from, instructions }) => [from, ...instructions])
    .map((instruction) => ({ keyword: keywordOf(instruction), location: instruction.location }));
  const count = (casing: Casing) => written.filter(({ keyword }) => casing(keyword) === keyword).length;
  const [casing, name] = count(lower) > count(upper) ? [lower, 'lowercase'] : [upper, 'uppercase'];
  for (const { keyword, location } of written)
    if (casing(keyword) !== keyword) report.add('ConsistentInstructionCasing', location, keyword, name);
}
