import type { BuildWarning } from '#api/build.ts';
import type { IgnorePatterns } from '#archive/path-pattern.ts';
import { hostPlatform, type Platform } from '#oci/platform.ts';
import type { Dockerfile } from '../dockerfile/syntax.ts';
import { buildArguments, platformArguments } from '../solve/arguments.ts';
import { type PlannedStage, planStages } from '../solve/stages.ts';
import {
  checkBase,
  checkBasePlatform,
  checkDefaultBases,
  expandFrom,
  type GlobalScope,
  globalScope,
  readPlatform,
} from './bases.ts';
import { checkOptionsOf, Report } from './report.ts';
import { checkStage, type StageState } from './stage.ts';
import { StageVariables } from './variables.ts';
import { checkWriting } from './written.ts';

export interface CheckRequest {
  readonly buildArgs?: Readonly<Record<string, unknown>> | undefined;
  readonly target?: string | undefined;
  /** Checks every stage, not only those that the target reaches. */
  readonly everyStage?: boolean;
  readonly platform?: Platform;
  readonly ignores?: IgnorePatterns;
  /** Names that mean a context given by name, not a stage. */
  readonly isNamedContext?: (name: string) => boolean;
  /** The variables of a stage's base image, when its config is known. */
  readonly baseEnv?: (stage: number) => readonly string[] | undefined;
  /** What a stage's base image is of, when it is known. */
  readonly basePlatform?: (stage: number) => Platform | undefined;
}

export interface Checked {
  readonly warnings: readonly BuildWarning[];
  /** Why the build may not go on, when `check` has warnings be errors. */
  readonly violation?: string;
  /** What the Dockerfile fails on, at the latest when it is built. Checks end there. */
  readonly error?: unknown;
}

/**
 * Runs the build checks.
 *
 * @see https://docs.docker.com/reference/build-checks/
 * @throws {EngineError} `invalid` for options of checks that are not known
 */
export function checkDockerfile(dockerfile: Dockerfile, request: CheckRequest = {}): Checked {
  const argument = request.buildArgs?.['BUILDKIT_DOCKERFILE_CHECK'];
  const report = new Report(
    checkOptionsOf(dockerfile.directives, typeof argument === 'string' ? argument : undefined),
  );
  const error = failureOf(() => checkAll(dockerfile, request, report));
  return {
    warnings: report.warnings,
    ...(report.violation === undefined ? {} : { violation: report.violation }),
    ...(error === undefined ? {} : { error }),
  };
}

function failureOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

function checkAll(dockerfile: Dockerfile, request: CheckRequest, report: Report): void {
  const { platform = hostPlatform } = request;
  const given = buildArguments(request.buildArgs);
  const target = request.target || dockerfile.stages.at(-1)?.from.name || '';
  const platforms = platformArguments(platform, target);
  checkWriting(dockerfile, report);
  checkDefaultBases(dockerfile, platforms, report);
  const global = globalScope(dockerfile, given, platforms);
  for (const stage of dockerfile.stages) checkBase(dockerfile, stage, global, report);
  const scope = { escape: dockerfile.directives.escape, given, global, platform: platforms };
  const states = new Map<number, StageState>();
  for (const planned of plannedStages(dockerfile, request, global)) {
    const { stage, base, parent } = planned;
    const state = stateOf(planned, { request, scope, parent: states.get(parent ?? -1) });
    states.set(stage.index, state);
    const actual = parent === undefined ? request.basePlatform?.(stage.index) : undefined;
    const expected = planned.platform === undefined ? platform : readPlatform(planned.platform);
    if (actual && expected) checkBasePlatform(stage, { base, expected, actual }, report);
    checkStage(stage, state, { escape: scope.escape, ignores: request.ignores, report });
  }
}

/** The stages to be built, in the order of the Dockerfile. */
export function plannedStages(
  dockerfile: Dockerfile,
  request: Pick<CheckRequest, 'target' | 'everyStage' | 'isNamedContext'>,
  global: GlobalScope,
): readonly PlannedStage[] {
  const options = {
    isNamedContext: request.isNamedContext ?? (() => false),
    expandBase: ({ from }: PlannedStage['stage']) => ({
      base: expandFrom(from.base, global, dockerfile).text,
      platform: from.platform === undefined ? undefined : expandFrom(from.platform, global, dockerfile).text,
    }),
  };
  const reached = (target: string | undefined) => planStages(dockerfile, { ...options, target }).stages;
  if (!request.everyStage || request.target) return [...reached(request.target).values()];
  const all = new Map(dockerfile.stages.flatMap(({ index }) => [...reached(String(index))]));
  return [...all.values()].sort((a, b) => a.stage.index - b.stage.index);
}

function stateOf(
  { stage, base }: PlannedStage,
  options: {
    readonly request: CheckRequest;
    readonly scope: ConstructorParameters<typeof StageVariables>[0];
    readonly parent: StageState | undefined;
  },
): StageState {
  const { request, scope, parent } = options;
  const variables = new StageVariables(scope, parent?.variables);
  if (parent !== undefined) return { ...parent, variables };
  const names = base === 'scratch' ? [] : request.baseEnv?.(stage.index);
  // every image has a PATH: BuildKit sets it where there is none
  for (const name of ['PATH', ...(names ?? [])]) variables.values.set(name, '');
  return { variables, isKnown: names !== undefined, hasWorkdir: false, hasShell: false };
}
