import type { Duplex } from 'node:stream';
import type { BuildRequest } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { Images } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import type { Platform } from '#oci/platform.ts';
import type { Snapshotter } from '#snapshot/index.ts';
import type { StepCache } from '../cache/step-cache.ts';
import type { Context, ContextStore } from '../context/context.ts';
import type { PlanCopy } from '../copy/copy.ts';
import { expandWord } from '../dockerfile/expand.ts';
import { parseInstruction } from '../dockerfile/parse.ts';
import type { Dockerfile, Instruction } from '../dockerfile/syntax.ts';
import type { StepRunner } from '../run/run-step.ts';
import {
  type BuildArguments,
  buildArguments,
  declaredArguments,
  globalArguments,
  isPredefined,
  platformArguments,
} from './arguments.ts';
import type { BaseImages } from './base-images.ts';
import { copyStep } from './copy-instruction.ts';
import { envMap } from './env.ts';
import { type Expander, expanderOf } from './expander.ts';
import { classicText } from './history-text.ts';
import { located } from './located.ts';
import { changeConfig } from './metadata.ts';
import { runStep } from './run-instruction.ts';
import type { SharedSteps } from './shared-steps.ts';
import { StageBases, withPath } from './stage-bases.ts';
import {
  isStep,
  type PlannedStage,
  planStages,
  type StagePlan,
  type StepInstruction,
  verticesOf,
} from './stages.ts';
import { imageConfigOf, imageIdOf, type StageState, type Style, withStep } from './state.ts';
import type { Teller } from './told.ts';
import { workdirStep } from './workdir-instruction.ts';

/** What every build of an engine shares. */
export interface SolveRooms {
  readonly images: Images;
  readonly snapshotter: Snapshotter;
  readonly cache: StepCache;
  readonly shared: SharedSteps;
  readonly runner: StepRunner;
  readonly contexts: ContextStore;
  readonly planCopy: PlanCopy;
  readonly log: Log;
}

/** What this build has of its own. */
export interface SolveOptions {
  readonly rooms: SolveRooms;
  readonly request: BuildRequest;
  readonly dockerfile: Dockerfile;
  readonly context: Context;
  /** By `--build-context`: opened, or an image. */
  readonly namedContexts: ReadonlyMap<string, Context | { readonly image: string }>;
  readonly platform: Platform;
  readonly bases: BaseImages;
  readonly teller: Teller;
  readonly held: DisposableStack;
  /** Names this Dockerfile among others, for reasons. */
  readonly buildName: string;
  /** Layers that images given by `--cache-from` have, by the key of their step. */
  readonly imported: ReadonlyMap<string, Digest | undefined>;
  /** A connection to the client's agent; undefined where it offers none by that name. */
  readonly agent: (name: string) => (() => Promise<Duplex>) | undefined;
  readonly signal: AbortSignal;
}

/** An instruction on its way, with all that its step needs to know. */
export interface StepContext {
  readonly solve: Solve;
  readonly state: StageState;
  readonly stage: PlannedStage;
  readonly vertex: number;
  readonly position: number;
  readonly expand: Expander;
}

/**
 * One build: brings stages to their states, each once, those that do not need one another side by side.
 *
 * The first failure ends the others.
 */
export class Solve {
  readonly options: SolveOptions;
  readonly style: Style;
  readonly given: BuildArguments;
  readonly #global: ReadonlyMap<string, string | undefined>;
  readonly #plan: StagePlan;
  readonly #vertices = new Map<string, number>();
  readonly #states = new Map<number, Promise<StageState>>();
  readonly #bases: StageBases;
  readonly #failed = new AbortController();
  readonly signal: AbortSignal;
  #nextVertex = 0;

  constructor(options: SolveOptions) {
    this.options = options;
    this.style = options.request.style === 'classic' ? 'classic' : 'hoist';
    this.given = buildArguments(options.request.buildArgs);
    this.signal = AbortSignal.any([options.signal, this.#failed.signal]);
    const platform = platformArguments(options.platform);
    const syntax = { escape: options.dockerfile.directives.escape };
    this.#global = globalArguments(options.dockerfile, {
      given: this.given,
      platform,
      expand: (text, lookup) => expandWord(text, lookup, syntax),
    });
    const lookup = (name: string) => this.#global.get(name) ?? platform.get(name);
    this.#plan = planStages(options.dockerfile, {
      target: options.request.target,
      expandBase: ({ from }) => ({
        base: expandWord(from.base, lookup, syntax),
        platform: from.platform === undefined ? undefined : expandWord(from.platform, lookup, syntax),
      }),
      isNamedContext: (name) => options.namedContexts.has(name),
    });
    this.#bases = new StageBases(options, this.#plan, {
      style: this.style,
      given: this.given,
      vertexOf: (stage) => this.#vertices.get(`${stage} -1`)!,
    });
    const planned = verticesOf(this.#plan, { everyInstruction: this.style === 'classic' });
    for (const { vertex, stage, at } of planned) this.#vertices.set(`${stage} ${at}`, vertex.id);
    this.#nextVertex = planned.length;
    options.teller.add(
      planned.map(({ vertex }) => vertex),
      this.style === 'classic' ? options.dockerfile.globalArgs.map(({ original }) => original) : [],
    );
  }

  /** Brings the target about. */
  async run(): Promise<StageState> {
    const all = [...this.#plan.stages.keys()].map((index) => this.stage(index));
    try {
      await Promise.all(all);
    } catch (error) {
      this.#failed.abort(error);
      await Promise.allSettled(all);
      throw error;
    }
    return this.stage(this.#plan.target);
  }

  /** The layers of the image that the target began from: where `--squash` begins. */
  baseLayers(): Promise<readonly Digest[]> {
    return this.#bases.layersBeneath(this.#plan.target);
  }

  /** Of stages that begin from an image: what it is, by the stage's number. */
  get resolved(): StageBases['resolved'] {
    return this.#bases.resolved;
  }

  /** Arguments that the client gave and nothing declared. */
  unusedArguments(): readonly string[] {
    const { dockerfile } = this.options;
    const declared = new Set(
      [
        ...dockerfile.globalArgs,
        ...[...this.#plan.stages.values()].flatMap(({ stage }) => stage.instructions),
      ].flatMap((instruction) => (instruction.kind === 'ARG' ? instruction.args.map(({ key }) => key) : [])),
    );
    return [...this.given.keys()].filter((name) => !declared.has(name) && !isPredefined(name)).sort();
  }

  stage(index: number): Promise<StageState> {
    let state = this.#states.get(index);
    if (state === undefined) {
      const planned = this.#plan.stages.get(index);
      // only a trigger of a base image can name a stage that the plan did not know of
      if (planned === undefined) throw invalid(`the stage ${index} is not among those that are built`);
      state = this.#build(planned);
      state.catch(() => undefined);
      this.#states.set(index, state);
    }
    return state;
  }

  /** The stage that a `from=` or `--from=` means, as seen from another. */
  stageNamed(name: string, before: number): number | undefined {
    return this.#plan.find(name, before);
  }

  async #build(planned: PlannedStage): Promise<StageState> {
    const { stage } = planned;
    let state = await this.#from(planned);
    const triggers = this.#triggersOf(state);
    if (triggers.length > 0) {
      state = { ...state, config: { ...state.config, OnBuild: null } };
      this.#addTriggers(planned, triggers, state.vertex);
    }
    let position = 0;
    for (const [at, trigger] of triggers.entries())
      state = await this.#instruction(state, planned, trigger, `trigger ${at}`, position++);
    for (const [at, instruction] of stage.instructions.entries())
      state = await this.#instruction(state, planned, instruction, String(at), position++);
    return state;
  }

  #triggersOf({ config }: StageState): readonly Instruction[] {
    return (config.OnBuild ?? []).map((text) => parseInstruction(text, this.options.dockerfile.directives));
  }

  #addTriggers({ stage }: PlannedStage, triggers: readonly Instruction[], from: number): void {
    const label = stage.from.name ?? `stage-${stage.index}`;
    let before = from;
    const vertices = triggers.flatMap((trigger, at) => {
      if (this.style !== 'classic' && !isStep(trigger)) return [];
      const id = this.#nextVertex++;
      this.#vertices.set(`${stage.index} trigger ${at}`, id);
      const vertex = {
        id,
        name: `[${label}] ONBUILD ${trigger.original}`,
        stage: label,
        instruction: trigger.original,
        line: stage.from.location.start.line,
        inputs: [before],
      };
      before = id;
      return [vertex];
    });
    if (vertices.length > 0) this.options.teller.add(vertices);
  }

  async #from(planned: PlannedStage): Promise<StageState> {
    const vertex = this.#vertices.get(`${planned.stage.index} -1`)!;
    const { teller } = this.options;
    const { parent, stage } = planned;
    try {
      if (parent !== undefined) {
        const state = await this.stage(parent);
        teller.begin(vertex);
        teller.end(vertex, 'cached', { image: state.image });
        return { ...state, args: new Map(), inherited: this.#handedOn(state), ownCommand: false, vertex };
      }
      teller.begin(vertex);
      const state = await this.#bases.state(planned, vertex);
      teller.end(vertex, 'done', { image: state.image });
      return state;
    } catch (error) {
      this.#fail(vertex, error);
      throw located(error, stage.from.location);
    }
  }

  #handedOn({ args, inherited }: StageState): ReadonlyMap<string, string> {
    if (this.style === 'classic') return new Map();
    const set = [...args].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    return new Map([...inherited, ...set]);
  }

  async #instruction(
    state: StageState,
    planned: PlannedStage,
    instruction: Instruction,
    at: string,
    position: number,
  ): Promise<StageState> {
    this.signal.throwIfAborted();
    const begun = this.style === 'classic' ? { ...state, config: withPath(state.config) } : state;
    const vertex = this.#vertices.get(`${planned.stage.index} ${at}`);
    try {
      const next = await this.#apply(begun, planned, { instruction, vertex, position });
      return vertex === undefined ? next : { ...next, vertex };
    } catch (error) {
      if (vertex !== undefined) this.#fail(vertex, error);
      throw located(error, instruction.location, vertex);
    }
  }

  async #apply(
    state: StageState,
    planned: PlannedStage,
    {
      instruction,
      vertex,
      position,
    }: { instruction: Instruction; vertex: number | undefined; position: number },
  ): Promise<StageState> {
    const expand = this.#expander(state);
    if (isStep(instruction)) {
      const context: StepContext = { solve: this, state, stage: planned, vertex: vertex!, position, expand };
      return this.#finish(await stepOf(context, instruction), state, vertex);
    }
    if (vertex !== undefined) this.options.teller.begin(vertex);
    if (instruction.kind === 'ARG') {
      const args = declaredArguments(instruction, {
        given: this.given,
        global: this.#global,
        platform: platformArguments(this.options.platform, planned.stage.from.name),
        expand: (text) => expand.word(text),
      });
      const shown = instruction.args
        .map(({ key, value }) => (value === undefined ? key : `${key}=${expand.word(value)}`))
        .join(' ');
      const next = { ...state, args: new Map([...state.args, ...args]) };
      return this.#finish(
        {
          state: withStep(next, { text: this.text(`ARG ${shown}`, state) }),
          cached: this.mayUseCache(planned),
        },
        state,
        vertex,
      );
    }
    const change = changeConfig(state, instruction, expand);
    const text = this.style === 'classic' ? this.text(change.classic, change.state) : change.text;
    const next = text === undefined ? change.state : withStep(change.state, { text });
    return this.#finish({ state: next, cached: this.mayUseCache(planned) }, state, vertex);
  }

  /** What history says of an instruction that only changes the config. */
  text(text: string, state: StageState): string {
    return this.style === 'classic' ? classicText(state, ` ${text}`) : text;
  }

  /** Ends a vertex; in the classic style the image so far is made. */
  async #finish(result: StepOutcome, before: StageState, vertex: number | undefined): Promise<StageState> {
    let { state, cached } = result;
    if (this.style === 'classic') {
      const { images } = this.options.rooms;
      const image = imageIdOf(state);
      const isKnown = images.find(image) !== undefined;
      const parent = before.image === undefined ? {} : { parent: before.image };
      if (!isKnown) await images.create({ config: imageConfigOf(state), ...parent });
      state = { ...state, image };
      // an instruction without a step of its own is "cached" when its image was there
      if (result.bytes === undefined && result.cached) cached = isKnown;
    }
    if (vertex !== undefined)
      this.options.teller.end(vertex, cached ? 'cached' : 'done', {
        bytes: result.bytes,
        reason: cached ? undefined : result.reason,
        image: this.style === 'classic' ? state.image : undefined,
      });
    return state;
  }

  #expander(state: StageState): Expander {
    const env = envMap(state.config.Env ?? []);
    const lookup = (name: string) => env.get(name) ?? state.args.get(name) ?? state.inherited.get(name);
    return expanderOf(lookup, { escape: this.options.dockerfile.directives.escape });
  }

  #fail(vertex: number, error: unknown): void {
    const cancelledHere = this.signal.aborted;
    this.options.teller.fail(vertex, error, cancelledHere ? 'cancelled' : 'failed');
  }

  /** Whether this step may be taken from the cache. */
  mayUseCache({ stage }: PlannedStage): boolean {
    const { request } = this.options;
    if (request.noCache === true) return false;
    const filter = request.noCacheFilter ?? [];
    return !filter.some(
      (name) => name.toLowerCase() === stage.from.name?.toLowerCase() || name === String(stage.index),
    );
  }
}

function stepOf(context: StepContext, instruction: StepInstruction): Promise<StepOutcome> {
  if (instruction.kind === 'RUN') return runStep(context, instruction);
  if (instruction.kind === 'WORKDIR') return workdirStep(context, instruction);
  return copyStep(context, instruction);
}

/** What became of an instruction. */
export interface StepOutcome {
  readonly state: StageState;
  readonly cached: boolean;
  readonly bytes?: number;
  readonly reason?: string | undefined;
}
