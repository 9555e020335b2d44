import { invalid } from '#base/errors.ts';
import type { ImageRunConfig } from '#oci/image-config.ts';

type Change = (config: ImageRunConfig, rest: string) => ImageRunConfig;

/**
 * Applies Dockerfile instructions to a config, as `commit --change` and `import --change` do.
 *
 * @throws {EngineError} `invalid` for one that is none, or not among those that only change the config
 */
export function withChanges(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  return changes
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .reduce(apply, config);
}

function apply(config: ImageRunConfig, line: string): ImageRunConfig {
  const [word = ''] = line.split(/\s/, 1);
  const change = instructions[word.toUpperCase()];
  if (change === undefined) throw invalid(`${word.toLowerCase()} is not a valid change command`);
  const rest = line.slice(word.length).trim();
  if (rest === '') throw invalid(`${word.toUpperCase()} requires at least one argument`);
  return change(config, rest);
}

const instructions: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, Cmd: commandOf(rest, config) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: commandOf(rest, config), Cmd: null }),
  ENV: (config, rest) => ({ ...config, Env: withEnv(config.Env ?? [], pairsOf('ENV', rest)) }),
  LABEL: (config, rest) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairsOf('LABEL', rest)) },
  }),
  EXPOSE: (config, rest) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...portsOf(rest) } }),
  VOLUME: (config, rest) => ({ ...config, Volumes: { ...config.Volumes, ...setOf(listOf(rest)) } }),
  USER: (config, rest) => ({ ...config, User: single('USER', rest) }),
  WORKDIR: (config, rest) => ({
    ...config,
    WorkingDir: resolvedDir(config.WorkingDir ?? '', single('WORKDIR', rest)),
  }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: single('STOPSIGNAL', rest) }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), triggerOf(rest)] }),
  SHELL: (config, rest) => ({ ...config, Shell: jsonList(rest) ?? notJson('SHELL') }),
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: healthOf(rest) }),
};

/** `["a", "b"]` runs as it is, anything else in a shell. */
function commandOf(rest: string, { Shell }: ImageRunConfig): readonly string[] {
  return jsonList(rest) ?? [...(Shell ?? ['/bin/sh', '-c']), rest];
}

function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

const listOf = (rest: string): readonly string[] => jsonList(rest) ?? wordsOf(rest);

const setOf = (names: readonly string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, {}]));

function notJson(word: string): never {
  throw invalid(`${word} requires the arguments to be in JSON form`);
}

/** Words, with quotes and backslashes taken away. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs) ?? [];
  return words.map((word) =>
    word.replace(
      /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs,
      (_, escaped?: string, double?: string, single?: string) =>
        escaped ?? double?.replace(/\\(.)/gs, '$1') ?? single ?? '',
    ),
  );
}

/** `A=b C=d`, or the old `A b c` that takes the rest of the line. */
function pairsOf(word: string, rest: string): [string, string][] {
  const words = wordsOf(rest);
  if (!words[0]?.includes('=')) {
    const [name = ''] = rest.split(/\s/, 1);
    if (words.length < 2) throw invalid(`${word} must have two arguments`);
    return [[name, rest.slice(name.length).trim()]];
  }
  return words.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1)
      throw invalid(
        `Syntax error - can't find = in ${JSON.stringify(pair)}. Must be of the form: name=value`,
      );
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function withEnv(env: readonly string[], pairs: readonly [string, string][]): readonly string[] {
  const result = [...env];
  for (const [name, value] of pairs) {
    const place = result.findIndex((entry) => entry.split('=', 1)[0] === name);
    result.splice(place === -1 ? result.length : place, place === -1 ? 0 : 1, `${name}=${value}`);
  }
  return result;
}

function portsOf(rest: string): Record<string, object> {
  return setOf(
    wordsOf(rest).flatMap((port) => {
      const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(port);
      const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
      if (match === null || first > last || last > 65_535) throw invalid(`invalid containerPort: ${port}`);
      const protocol = (match[3] ?? 'tcp').toLowerCase();
      return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
    }),
  );
}

function single(word: string, rest: string): string {
  const words = wordsOf(rest);
  if (words.length !== 1) throw invalid(`${word} requires exactly one argument`);
  return words[0]!;
}

function resolvedDir(from: string, to: string): string {
  if (to.startsWith('/')) return to;
  return `${from === '' ? '' : from.replace(/\/+$/, '')}/${to}`;
}

function triggerOf(rest: string): string {
  const [word = ''] = rest.split(/\s/, 1);
  if (word.toUpperCase() === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (/^(FROM|MAINTAINER)$/i.test(word))
    throw invalid(`${word.toUpperCase()} isn't allowed as an ONBUILD trigger`);
  return rest;
}

const nanoseconds: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };
const healthFlags: Readonly<Record<string, string>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};

function healthOf(rest: string): object {
  if (/^none$/i.test(rest)) return { Test: ['NONE'] };
  const flags: Record<string, number> = {};
  let text = rest;
  for (
    let flag = /^--([a-z-]+)=(\S+)\s*/.exec(text);
    flag !== null;
    flag = /^--([a-z-]+)=(\S+)\s*/.exec(text)
  ) {
    const [whole, name = '', value = ''] = flag;
    if (name === 'retries') flags['Retries'] = Number(value);
    else flags[healthFlags[name] ?? unknownFlag(name)] = durationOf(value);
    text = text.slice(whole.length);
  }
  const command = /^CMD\s+(.+)$/is.exec(text)?.[1];
  if (command === undefined)
    throw invalid(`Unknown type ${JSON.stringify(text.split(/\s/, 1)[0])} in HEALTHCHECK (try CMD)`);
  const list = jsonList(command);
  return { Test: list === undefined ? ['CMD-SHELL', command] : ['CMD', ...list], ...flags };
}

function unknownFlag(name: string): never {
  throw invalid(`Unknown flag: ${name}`);
}

function durationOf(text: string): number {
  if (!/^([\d.]+(ms|s|m|h))+$/.test(text)) throw invalid(`time: invalid duration ${JSON.stringify(text)}`);
  return [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * nanoseconds[unit!]!,
    0,
  );
}
