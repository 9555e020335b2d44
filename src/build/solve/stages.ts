import type { BuildVertex } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { DockerfileError } from '../dockerfile/dockerfile-error.ts';
import { mountSourceOf } from '../dockerfile/mount-flag.ts';
import type {
  CopyInstruction,
  Dockerfile,
  Instruction,
  RunInstruction,
  Stage,
  WorkdirInstruction,
} from '../dockerfile/syntax.ts';

/** A stage that will be built: where its base comes from, and the stages it takes files of. */
export interface PlannedStage {
  readonly stage: Stage;
  /** FROM's word with global ARGs in it. */
  readonly base: string;
  readonly platform: string | undefined;
  /** The stage it is built on, when it is one. */
  readonly parent: number | undefined;
  /** Every stage it needs, its parent too. */
  readonly needs: ReadonlySet<number>;
}

/** The stages that a target reaches, in the order of the Dockerfile. */
export interface StagePlan {
  readonly target: number;
  readonly stages: ReadonlyMap<number, PlannedStage>;
  /** The stage that a name means to one that stands at `before`; none for a context's name. */
  readonly find: (name: string, before: number) => number | undefined;
}

/**
 * Which stages a build needs: the target, what it is built on, and what `COPY --from` and `--mount=from` name.
 *
 * @param expandBase puts global ARGs into FROM's words
 * @throws {EngineError} `invalid`: no such target; a stage that names itself
 */
export function planStages(
  dockerfile: Dockerfile,
  options: {
    readonly target: string | undefined;
    readonly expandBase: (stage: Stage) => { readonly base: string; readonly platform: string | undefined };
    /** Names that mean a context given by name, not a stage. */
    readonly isNamedContext: (name: string) => boolean;
  },
): StagePlan {
  const target = targetOf(dockerfile, options.target);
  const stages = new Map<number, PlannedStage>();
  const find = (name: string, before: number) =>
    options.isNamedContext(name) ? undefined : stageNamed(dockerfile.stages, name, before);
  const visit = (index: number): void => {
    if (stages.has(index)) return;
    const planned = plannedStage(dockerfile.stages[index]!, find, options.expandBase);
    stages.set(index, planned);
    for (const needed of planned.needs) visit(needed);
  };
  visit(target);
  return { target, stages: new Map([...stages].sort(([a], [b]) => a - b)), find };
}

function targetOf({ stages }: Dockerfile, target: string | undefined): number {
  if (stages.length === 0) throw invalid('dockerfile contains no stages to build');
  if (!target) return stages.length - 1;
  const index = stageNamed(stages, target, stages.length);
  if (index === undefined) throw invalid(`target stage ${JSON.stringify(target)} could not be found`);
  return index;
}

/** The last stage of that name, or number, before `limit`. */
export function stageNamed(stages: readonly Stage[], name: string, limit: number): number | undefined {
  const wanted = name.toLowerCase();
  const named = stages.findLastIndex(
    (stage, index) => index < limit && stage.from.name?.toLowerCase() === wanted,
  );
  if (named >= 0) return named;
  if (/^\d+$/.test(name) && Number(name) < limit) return Number(name);
  return undefined;
}

function plannedStage(
  stage: Stage,
  find: StagePlan['find'],
  expandBase: Parameters<typeof planStages>[1]['expandBase'],
): PlannedStage {
  const { base, platform } = expandBase(stage);
  if (base === '')
    throw new DockerfileError(`base name (${stage.from.base}) should not be blank`, stage.from.location);
  const own = (name: string) => find(name, stage.index);
  // FROM knows stages by name alone: a number may be an image's name
  const parent = /^\d+$/.test(base) ? undefined : own(base);
  const needs = new Set(parent === undefined ? [] : [parent]);
  for (const instruction of stage.instructions)
    for (const name of sourcesOf(instruction)) {
      if (name.toLowerCase() === stage.from.name?.toLowerCase() && own(name) === undefined)
        throw new DockerfileError(`circular dependency detected on stage: ${name}`, instruction.location);
      const index = own(name);
      if (index !== undefined) needs.add(index);
    }
  return { stage, base, platform, parent, needs };
}

/** What an instruction names as where it takes files from. */
function sourcesOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'COPY' || instruction.kind === 'ADD')
    return instruction.from === undefined ? [] : [instruction.from];
  if (instruction.kind === 'RUN') return instruction.mounts.flatMap((mount) => mountSourceOf(mount) ?? []);
  return [];
}

/** Whether an instruction has a step of its own in the graph, or only changes the image's config. */
export const isStep = (instruction: Instruction): instruction is StepInstruction =>
  ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(instruction.kind);

export type StepInstruction = RunInstruction | CopyInstruction | WorkdirInstruction;

/** A vertex and the instruction it is of; FROM's is the stage's first. */
export interface PlannedVertex {
  readonly vertex: BuildVertex;
  readonly stage: number;
  /** Index in the stage; -1 is FROM. */
  readonly at: number;
}

/**
 * The graph as people see it, before anything is resolved. In the classic style every instruction is a step.
 */
export function verticesOf(
  plan: StagePlan,
  options: { readonly everyInstruction: boolean },
): readonly PlannedVertex[] {
  const planned: PlannedVertex[] = [];
  const last = new Map<number, number>();
  const add = (vertex: Omit<BuildVertex, 'id'>, stage: number, at: number) => {
    const id = planned.length;
    planned.push({ vertex: { id, ...vertex }, stage, at });
    last.set(stage, id);
  };
  for (const [index, { stage, base, parent }] of plan.stages) {
    const steps = stage.instructions
      .map((instruction, at) => ({ instruction, at }))
      .filter(({ instruction }) => options.everyInstruction || isStep(instruction));
    const label = stage.from.name ?? (plan.stages.size > 1 ? `stage-${index}` : '');
    const total = steps.length + 1;
    const title = (number: number, text: string) =>
      `[${label === '' ? '' : `${label} `}${number}/${total}] ${text}`;
    const common = { ...(label === '' ? {} : { stage: label }) };
    add(
      {
        ...common,
        name: title(1, `FROM ${base}`),
        instruction: stage.from.original,
        line: stage.from.location.start.line,
        inputs: parent === undefined ? [] : [last.get(parent)!],
      },
      index,
      -1,
    );
    steps.forEach(({ instruction, at }, number) => {
      const before = last.get(index)!;
      const others = sourcesOf(instruction).flatMap((name) => {
        const source = plan.find(name, index);
        const id = source === undefined ? undefined : last.get(source);
        return id === undefined ? [] : [id];
      });
      add(
        {
          ...common,
          name: title(number + 2, instruction.original),
          instruction: instruction.original,
          line: instruction.location.start.line,
          inputs: [before, ...others],
        },
        index,
        at,
      );
    });
  }
  return planned;
}
