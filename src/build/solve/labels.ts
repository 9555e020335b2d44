import { classicText } from './history-text.ts';
import type { StageState, Style } from './state.ts';
import { withStep } from './state.ts';

/** `--label`: on the image that comes out. The classic builder makes an instruction of them. */
export function withLabels(
  state: StageState,
  labels: Readonly<Record<string, string>>,
  style: Style,
): StageState {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return state;
  const next = { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
  if (style !== 'classic') return next;
  const text = `LABEL ${names.map((name) => `${name}=${labels[name]}`).join(' ')}`;
  return withStep(next, { text: classicText(state, ` ${text}`) });
}
