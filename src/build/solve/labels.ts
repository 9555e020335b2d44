import type { BuildRequest } from '#api/index.ts';
import type { Dockerfile, LabelInstruction } from '../dockerfile/syntax.ts';
import { stageNamed } from './stages.ts';
import type { StageState } from './state.ts';

/** `--label`: on the image that comes out, without a word in its history, as BuildKit does it. */
export function withLabels(state: StageState, labels: Readonly<Record<string, string>>): StageState {
  if (Object.keys(labels).length === 0) return state;
  return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
}

/** The classic builder makes an instruction of each, at the end of what it builds. */
export function labelled(dockerfile: Dockerfile, { labels = {}, target }: BuildRequest): Dockerfile {
  const names = Object.keys(labels).sort();
  const { stages } = dockerfile;
  const index = target ? stageNamed(stages, target, stages.length) : stages.length - 1;
  const stage = index === undefined ? undefined : stages[index];
  if (names.length === 0 || stage === undefined) return dockerfile;
  const { location } = stage.from;
  const instructions = names.map((name): LabelInstruction => {
    const value = labels[name] ?? '';
    return {
      kind: 'LABEL',
      location,
      original: `LABEL ${name}=${value}`,
      heredocs: [],
      pairs: [{ key: quoted(name), value: quoted(value) }],
      legacy: false,
    };
  });
  const more = { ...stage, instructions: [...stage.instructions, ...instructions] };
  return { ...dockerfile, stages: stages.map((other) => (other === stage ? more : other)) };
}

/** So that expansion leaves it as it is. */
const quoted = (text: string): string => text.replace(/[\\"'$`]/g, '\\$&');
