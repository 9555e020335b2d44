import { posix } from 'node:path';
import { findGoDuration, goDuration } from '#api/go-duration.ts';
import { invalid } from '#base/errors.ts';
import { parseSignal } from '#base/signals.ts';
import type { ImageRunConfig } from '#oci/image-config.ts';
import { DockerfileError } from '../dockerfile/dockerfile-error.ts';
import type {
  ArgInstruction,
  CommandForm,
  HealthcheckInstruction,
  Instruction,
  KeyValue,
} from '../dockerfile/syntax.ts';
import { envWith } from './env.ts';
import type { Expander } from './expander.ts';
import { exposedPorts } from './exposed-ports.ts';
import type { StepInstruction } from './stages.ts';
import type { StageState } from './state.ts';

/** What an instruction that only changes the image's config made of it, and how history says so. */
export interface ConfigChange {
  readonly state: StageState;
  /** As BuildKit writes it: `ENV A=b`; of some it keeps no word. */
  readonly text: string | undefined;
  /** As the classic builder does, behind `#(nop)  `. */
  readonly classic: string;
}

/** The instructions that have no step of their own, and are not the stage's own (ARG). */
export type ConfigInstruction = Exclude<Instruction, StepInstruction | ArgInstruction>;

/** @throws {EngineError} `invalid` in Docker's words */
export function changeConfig(
  state: StageState,
  instruction: ConfigInstruction,
  expand: Expander,
): ConfigChange {
  const { config } = state;
  const changed = (change: ImageRunConfig, text: string | undefined, classic = text ?? ''): ConfigChange => ({
    state: { ...state, config: { ...config, ...change } },
    text,
    classic,
  });
  switch (instruction.kind) {
    case 'ENV': {
      const pairs = expandPairs(instruction.pairs, expand);
      const text = `ENV ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`;
      return changed({ Env: envWith(config.Env ?? [], pairs) }, text);
    }
    case 'LABEL': {
      const pairs = expandPairs(instruction.pairs, expand);
      const labels = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
      const text = `LABEL ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`;
      return changed({ Labels: { ...config.Labels, ...labels } }, text);
    }
    case 'CMD': {
      const words = commandWords(instruction.command, config);
      const change = changed({ Cmd: words, ArgsEscaped: false }, `CMD ${jsonWords(words)}`);
      return { ...change, state: { ...change.state, ownCommand: true } };
    }
    case 'ENTRYPOINT': {
      const words = commandWords(instruction.command, config);
      const command = state.ownCommand ? {} : { Cmd: null };
      return changed({ Entrypoint: words, ...command }, `ENTRYPOINT ${jsonWords(words)}`);
    }
    case 'SHELL':
      return changed({ Shell: instruction.words }, `SHELL [${instruction.words.join(' ')}]`);
    case 'MAINTAINER': {
      const author = instruction.text;
      return { ...changed({}, `MAINTAINER ${author}`), state: { ...state, author } };
    }
    case 'USER': {
      const user = expand.word(instruction.text);
      return changed({ User: user }, `USER ${user}`);
    }
    case 'STOPSIGNAL': {
      const signal = expand.word(instruction.text);
      parseSignal(signal); // nothing runs with one that is none
      return changed({ StopSignal: signal }, `STOPSIGNAL ${signal}`);
    }
    case 'EXPOSE': {
      // the classic builder sorts the words before it expands them
      const words = instruction.words.toSorted().flatMap((word) => expand.words(word));
      const ports = exposedPorts(words);
      const buildKit = `EXPOSE map[${[...ports]
        .sort()
        .map((port) => `${port}:{}`)
        .join(' ')}]`;
      const exposed = Object.fromEntries([...ports].map((port) => [port, {}]));
      const classic = `EXPOSE ${words.join(' ')}`;
      return changed({ ExposedPorts: { ...config.ExposedPorts, ...exposed } }, buildKit, classic);
    }
    case 'VOLUME': {
      const volumes = instruction.words.map((word) => expand.word(word).trim());
      if (volumes.includes(''))
        throw new DockerfileError('VOLUME specified can not be an empty string', instruction.location);
      const added = Object.fromEntries(volumes.map((path) => [path, {}]));
      return changed({ Volumes: { ...config.Volumes, ...added } }, `VOLUME [${volumes.join(' ')}]`);
    }
    case 'ONBUILD': {
      const { trigger } = instruction;
      return changed({ OnBuild: [...(config.OnBuild ?? []), trigger] }, undefined, `ONBUILD ${trigger}`);
    }
    case 'HEALTHCHECK': {
      const check = healthcheck(instruction, config);
      return changed({ Healthcheck: check.config }, `HEALTHCHECK ${check.text}`);
    }
  }
}

const expandPairs = (pairs: readonly KeyValue[], expand: Expander): readonly KeyValue[] =>
  pairs.map(({ key, value }) => {
    const name = expand.word(key);
    if (name === '') throw invalid('names can not be blank');
    return { key: name, value: expand.word(value) };
  });

export const defaultShell: readonly string[] = ['/bin/sh', '-c'];

/** A command as the image keeps it: in shell form behind the stage's shell. */
export const commandWords = (command: CommandForm, { Shell }: ImageRunConfig): readonly string[] =>
  command.form === 'exec' ? command.words : [...(Shell ?? defaultShell), command.text];

/** As Go prints a list of strings with `%q`. */
const jsonWords = (words: readonly string[]): string =>
  `[${words.map((word) => JSON.stringify(word)).join(' ')}]`;

/** A relative one is taken from the one before. */
export function workingDirectory(before: string, path: string): string {
  if (path === '') throw invalid('WORKDIR requires exactly one argument');
  const joined = posix.normalize(path.startsWith('/') ? path : posix.join('/', before, path));
  return joined.length > 1 ? joined.replace(/\/+$/, '') : joined;
}

/** @see Engine API, HealthConfig: times in nanoseconds */
function healthcheck(
  instruction: HealthcheckInstruction,
  config: ImageRunConfig,
): { readonly config: unknown; readonly text: string } {
  const { test, interval, timeout, startPeriod, startInterval, retries } = instruction;
  if (test === 'none')
    return { config: { Test: ['NONE'] }, text: '&{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}' };
  const words =
    test.form === 'exec' ? ['CMD', ...test.words] : shellTest(test.text, config.Shell ?? undefined);
  const times = {
    Interval: durationOf(interval),
    Timeout: durationOf(timeout),
    StartPeriod: durationOf(startPeriod),
    StartInterval: durationOf(startInterval),
  };
  const count = Number(retries ?? 0);
  if (retries !== undefined && count < 1) throw invalid(`--retries must be at least 1 (not ${retries})`);
  const set = Object.fromEntries(Object.entries(times).filter(([, value]) => value !== 0));
  const shown = [times.Interval, times.Timeout, times.StartPeriod, times.StartInterval].map(
    (time) => `"${goDuration(time)}"`,
  );
  return {
    config: { Test: words, ...set, ...(count === 0 ? {} : { Retries: count }) },
    text: `&{${jsonWords(words)} ${shown.join(' ')} '\\x${count.toString(16).padStart(2, '0')}'}`,
  };
}

const shellTest = (text: string, shell: readonly string[] | undefined): readonly string[] =>
  shell === undefined ? ['CMD-SHELL', text] : ['CMD', ...shell, text];

/** Nanoseconds; 0 inherits. What is no duration the parser has refused. */
const durationOf = (text: string | undefined): number => findGoDuration(text ?? '0') ?? 0;
