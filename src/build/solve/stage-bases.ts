import type { Image } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import { defaultPath, type ImageRunConfig } from '#oci/image-config.ts';
import { type Platform, parsePlatform } from '#oci/platform.ts';
import type { BuildArguments } from './arguments.ts';
import { envMap } from './env.ts';
import type { SolveOptions } from './solve.ts';
import type { PlannedStage, StagePlan } from './stages.ts';
import type { StageState, Style } from './state.ts';

/** What stages of one build begin from: images, or nothing; and their times. */
export class StageBases {
  /** Of stages that begin from an image: what it is, by the stage's number. */
  readonly resolved = new Map<number, { readonly env: readonly string[]; readonly platform: Platform }>();
  readonly #options: SolveOptions;
  readonly #plan: StagePlan;
  readonly #style: Style;
  readonly #given: BuildArguments;
  readonly #vertexOf: (stage: number) => number;
  readonly #epochs = new Map<number, Promise<number>>();

  constructor(
    options: SolveOptions,
    plan: StagePlan,
    {
      style,
      given,
      vertexOf,
    }: {
      readonly style: Style;
      readonly given: BuildArguments;
      /** The vertex of a stage's FROM: what a pull says is told there. */
      readonly vertexOf: (stage: number) => number;
    },
  ) {
    this.#options = options;
    this.#plan = plan;
    this.#style = style;
    this.#given = given;
    this.#vertexOf = vertexOf;
  }

  /** The layers of the image that a stage, through all those it is built on, began from. */
  async layersBeneath(stage: number): Promise<readonly Digest[]> {
    let planned = this.#plan.stages.get(stage)!;
    while (planned.parent !== undefined) planned = this.#plan.stages.get(planned.parent)!;
    if (planned.base === 'scratch') return [];
    return (await this.#image(planned)).layers;
  }

  /** A stage that is built on no other, before its first instruction. */
  async state(planned: PlannedStage, vertex: number): Promise<StageState> {
    const platform = this.#platformOf(planned);
    const epoch = await this.#epoch(planned.stage.index);
    const empty = { args: new Map(), inherited: new Map(), ownCommand: false, author: '', vertex, epoch };
    if (planned.base === 'scratch')
      return {
        ...empty,
        platform: platform.wanted,
        layers: [],
        config: this.#style === 'classic' ? {} : { ...withPath({}), WorkingDir: '/' },
        history: [],
        image: undefined,
      };
    const image = await this.#image(planned);
    const { config = {}, history = [], architecture, os, variant, author = '' } = image.config;
    const own: Platform = { os, architecture, ...(variant ? { variant } : {}) };
    this.resolved.set(planned.stage.index, { env: [...envMap(config.Env ?? []).keys()], platform: own });
    return {
      ...empty,
      author,
      platform: own,
      layers: image.layers,
      config: this.#style === 'classic' ? config : withPath(config),
      history,
      image: image.id,
    };
  }

  #image(planned: PlannedStage): Promise<Image> {
    const vertex = this.#vertexOf(planned.stage.index);
    const named = this.#options.namedContexts.get(planned.base);
    const name = named !== undefined && 'image' in named ? named.image : planned.base;
    return this.#options.bases.get(name, this.#platformOf(planned), (text, current, total) =>
      this.#options.teller.progress(vertex, text, current, total),
    );
  }

  #platformOf({ platform }: PlannedStage): { readonly wanted: Platform; readonly isGiven: boolean } {
    if (platform !== undefined && platform !== '') return { wanted: parsePlatform(platform), isGiven: true };
    return { wanted: this.#options.platform, isGiven: Boolean(this.#options.request.platform) };
  }

  /** Seconds: SOURCE_DATE_EPOCH, else the base image's time; of a stage from nothing, the latest of those it takes from. */
  #epoch(index: number): Promise<number> {
    let epoch = this.#epochs.get(index);
    if (epoch === undefined) {
      epoch = this.#findEpoch(this.#plan.stages.get(index)!);
      epoch.catch(() => undefined);
      this.#epochs.set(index, epoch);
    }
    return epoch;
  }

  async #findEpoch(planned: PlannedStage): Promise<number> {
    const given = this.#given.get('SOURCE_DATE_EPOCH');
    if (given !== undefined && /^\d{1,11}$/.test(given)) return Number(given);
    if (planned.parent !== undefined) return this.#epoch(planned.parent);
    if (planned.base === 'scratch') {
      const epochs = await Promise.all([...planned.needs].map((index) => this.#epoch(index)));
      return Math.max(0, ...epochs);
    }
    const image = await this.#image(planned);
    const seconds = Math.floor(Date.parse(image.config.created ?? '') / 1000);
    return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
  }
}

/** Both builders write it down where an image has none; the classic one with its first instruction. */
export function withPath(config: ImageRunConfig): ImageRunConfig {
  const env = config.Env ?? [];
  return env.some((variable) => variable.startsWith('PATH='))
    ? config
    : { ...config, Env: [...env, `PATH=${defaultPath}`] };
}
