import { invalid } from '#base/errors.ts';
import type { ImageRunConfig } from '#oci/image-config.ts';
import { hostPlatform } from '#oci/platform.ts';
import { parseInstructions } from '../dockerfile/parse.ts';
import type { Instruction } from '../dockerfile/syntax.ts';
import { envMap } from './env.ts';
import { expanderOf } from './expander.ts';
import { changeConfig, defaultShell, workingDirectory } from './metadata.ts';
import type { StageState } from './state.ts';

type Change = Extract<Instruction, { readonly kind: (typeof kinds)[number] }>;

const kinds = [
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const;

/**
 * Applies instructions to a config, as `commit --change` and `import --change` do. Variables are those of the config.
 *
 * @throws {EngineError} `invalid` for one that is none, or not among those that dockerd takes here
 * @see dockerd, builder/dockerfile § BuildFromConfig
 */
export function changedConfig(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  if (changes.length === 0) return config;
  const { directives, instructions } = parseInstructions(changes.join('\n'), (word) => {
    if (!kinds.some((kind) => kind === word.toUpperCase()))
      throw invalid(`${word.toLowerCase()} is not a valid change command`);
  });
  let state = stateOf(config);
  for (const instruction of instructions) state = changed(state, instruction as Change, directives);
  return state.config;
}

function changed(
  state: StageState,
  instruction: Change,
  syntax: { readonly escape: '\\' | '`' },
): StageState {
  const { config } = state;
  const env = envMap(config.Env ?? []);
  const expand = expanderOf((name) => env.get(name), syntax);
  if (instruction.kind === 'WORKDIR') {
    const path = workingDirectory(config.WorkingDir ?? '', expand.word(instruction.text));
    return { ...state, config: { ...config, WorkingDir: path } };
  }
  const isBare =
    'command' in instruction && instruction.command.form === 'shell' && instruction.command.text === '';
  // dockerd takes an entry point of no words for none, and then the one that was there
  if (isBare && instruction.kind === 'ENTRYPOINT') return state;
  if (isBare) return { ...state, config: { ...config, Cmd: config.Shell ?? defaultShell } };
  return changeConfig(state, instruction, expand).state;
}

const stateOf = (config: ImageRunConfig): StageState => ({
  ...{ config, platform: hostPlatform, layers: [], history: [], author: '', epoch: 0 },
  ...{ args: new Map(), inherited: new Map(), ownCommand: false, image: undefined, vertex: 0 },
});
