import { rawConfigOf } from '#image/image-id.ts';
import type { Digest } from '#oci/digest.ts';
import type { ImageConfig, ImageHistory, ImageRunConfig } from '#oci/image-config.ts';
import type { Platform } from '#oci/platform.ts';

/** Docker's two ways to write history: its classic builder's, and BuildKit's. */
export type Style = 'classic' | 'hoist';

/** A stage as far as it is built. Replaced, never changed. */
export interface StageState {
  readonly platform: Platform;
  /** Bottom first. */
  readonly layers: readonly Digest[];
  readonly config: ImageRunConfig;
  readonly history: readonly ImageHistory[];
  readonly author: string;
  /** Seconds: what every time in a layer made here is at most, and when the image says it was made. */
  readonly epoch: number;
  /** ARGs in force, in the order they were declared; undefined: declared without a value. */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** Those of the stages beneath, which BuildKit hands on and the classic builder does not. */
  readonly inherited: ReadonlyMap<string, string>;
  /** CMD was set in this Dockerfile: ENTRYPOINT then leaves it. */
  readonly ownCommand: boolean;
  /** The intermediate image (classic), or the base's. */
  readonly image: Digest | undefined;
  /** The number of the last vertex that this comes from. */
  readonly vertex: number;
}

/** The image of a state. */
export function imageConfigOf(state: StageState): ImageConfig {
  const { platform, config, layers, history, author, epoch } = state;
  return {
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    created: timeText(epoch),
    ...(author === '' ? {} : { author }),
    config,
    rootfs: { type: 'layers', diff_ids: layers },
    history,
  };
}

/** The id that the image of a state has, or would have. */
export const imageIdOf = (state: StageState): Digest => rawConfigOf(imageConfigOf(state)).id;

/** RFC 3339. */
export const timeText = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** Adds what an instruction did to the history, and its layer when it made one. */
export function withStep(
  state: StageState,
  step: { readonly text: string; readonly layer?: Digest | undefined; readonly key?: Digest | undefined },
): StageState {
  const entry: ImageHistory = {
    created: timeText(state.epoch),
    created_by: step.text,
    ...(state.author === '' ? {} : { author: state.author }),
    ...(step.key === undefined ? {} : { comment: `${stepMark}${step.key}` }),
    ...(step.layer === undefined ? { empty_layer: true } : {}),
  };
  return {
    ...state,
    layers: step.layer === undefined ? state.layers : [...state.layers, step.layer],
    history: [...state.history, entry],
  };
}

/** Before a step's key in its history: so that an image is a cache for whoever has it (`--cache-from`). */
export const stepMark = 'hoist.step.v1 ';
