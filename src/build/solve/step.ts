import { crashPoint } from '#base/crash-point.ts';
import { chainId, type Digest } from '#oci/digest.ts';
import { type StepInputs, stepKey } from '../cache/keys.ts';
import type { StepPlace, StepRecord } from '../cache/step-cache.ts';
import type { Output } from './shared-steps.ts';
import type { StepContext, StepOutcome } from './solve.ts';
import { type StageState, withStep } from './state.ts';

/** What a step gave, and whether it had to run for it. */
export interface FoundStep {
  readonly key: Digest;
  readonly layer: Digest | undefined;
  readonly size: number;
  readonly cached: boolean;
  readonly reason: string | undefined;
}

/** Makes the layer of a step; what it holds is released once the step is recorded. */
export type MakeLayer = (options: {
  readonly tell: (output: Output) => void;
  readonly signal: AbortSignal;
  readonly held: DisposableStack;
}) => Promise<{ readonly layer: Digest | undefined; readonly size: number }>;

/**
 * A step by its inputs: found in the cache, in an image given by `--cache-from`, under way in another build, or made.
 *
 * @param details what the inputs are sums of, for reasons: found out only for a step that must be made
 */
export async function findOrMake(
  { solve, stage, vertex, position }: StepContext,
  instruction: string,
  inputs: StepInputs,
  make: MakeLayer,
  details: () => StepInputs = () => new Map(),
): Promise<FoundStep> {
  const { rooms, teller, held, buildName, imported } = solve.options;
  const key = stepKey(inputs);
  const place: StepPlace = {
    build: buildName,
    stage: stage.stage.from.name ?? String(stage.stage.index),
    position,
    instruction,
  };
  teller.begin(vertex);
  const mayUse = solve.mayUseCache(stage);
  const found = mayUse
    ? (rooms.cache.find(key) ?? fromImage(key, imported, rooms, { place, inputs }))
    : undefined;
  if (found !== undefined) {
    held.use(rooms.images.holdLayers(found.layer === undefined ? [] : [found.layer]));
    return { ...found, cached: true, reason: undefined };
  }
  const explained = new Map([...inputs, ...details()]);
  teller.running(vertex);
  const reason = mayUse ? (rooms.cache.explain(place, explained) ?? 'not built before') : 'the cache is off';
  const record = await rooms.shared.run(
    key,
    async (tell, signal) => {
      using making = new DisposableStack();
      const { layer, size } = await make({ tell, signal, held: making });
      crashPoint('build.step:made');
      const made: StepRecord = { key, layer, size };
      rooms.cache.add(made, place, explained);
      crashPoint('build.step:recorded');
      return made;
    },
    { listener: ({ stream, bytes }) => teller.log(vertex, stream, bytes), signal: solve.signal },
  );
  held.use(rooms.images.holdLayers(record.layer === undefined ? [] : [record.layer]));
  return { ...record, cached: false, reason };
}

function fromImage(
  key: Digest,
  imported: ReadonlyMap<string, Digest | undefined>,
  { snapshotter, cache }: StepContext['solve']['options']['rooms'],
  known: { readonly place: StepPlace; readonly inputs: StepInputs },
): StepRecord | undefined {
  if (!imported.has(key)) return undefined;
  const layer = imported.get(key);
  if (layer !== undefined && !snapshotter.has(layer)) return undefined;
  const record = { key, layer, size: layer === undefined ? 0 : snapshotter.getLayer(layer).size };
  cache.add(record, known.place, known.inputs);
  return record;
}

/** What a step made of a state, and how history says so. */
export const outcomeOf = (state: StageState, text: string, found: FoundStep): StepOutcome => ({
  state: withStep(state, { text, layer: found.layer, key: found.key }),
  cached: found.cached,
  bytes: found.size,
  reason: found.reason,
});

/** What is beneath a step, as an input. */
export const beneath = ({ layers }: Pick<StageState, 'layers'>): string =>
  layers.length === 0 ? 'scratch' : chainId(layers);
