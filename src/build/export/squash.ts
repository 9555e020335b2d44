import { storeLayer } from '../solve/layer.ts';
import type { Solve } from '../solve/solve.ts';
import { type StageState, withStep } from '../solve/state.ts';
import { squashTar } from './squash-tar.ts';

/** Everything above the base image as one layer. The steps stay in the history, without layers. */
export async function squashed(state: StageState, solve: Solve, held: DisposableStack): Promise<StageState> {
  const { rooms } = solve.options;
  const base = await solve.baseLayers();
  const above = state.layers.slice(base.length);
  if (above.length < 2) return state;
  const { layer } = await storeLayer(
    rooms,
    squashTar(above.map((diffId) => () => rooms.snapshotter.readTar(diffId))),
    { signal: solve.signal, held },
  );
  let kept = base.length;
  const history = state.history.map((entry) =>
    entry.empty_layer === true || kept-- > 0 ? entry : { ...entry, empty_layer: true },
  );
  return withStep({ ...state, layers: base, history }, { text: 'merged the layers above the base', layer });
}
