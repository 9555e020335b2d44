import { type BuildRequest, queryBoolean } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { familiarString, parseReference, withDefaultTag } from '#engine/index.ts';
import { platformOf } from '../versions.ts';
import { goJson } from './go-json.ts';

/** What `POST /build` asks for. */
export interface BuildParameters {
  readonly request: BuildRequest;
  readonly quiet: boolean;
  /** Whether containers of steps are said to be removed; `force`: of one that failed too. */
  readonly remove: boolean | 'force';
  /** Of the builder: 2 is BuildKit. */
  readonly version: '1' | '2';
}

/**
 * Reads the query of `POST /build`.
 *
 * @throws {EngineError} `invalid` in dockerd's words
 * @see Engine API, ImageBuild
 */
export function buildParameters(query: URLSearchParams): BuildParameters {
  const text = (name: string) => query.get(name)?.trim() || undefined;
  const flag = (name: string) => queryBoolean(query.get(name));
  checkUnsupported(query);
  const version = versionOf(query.get('version'));
  const remote = remoteOf(text('remote'), version);
  const id = text('buildid');
  const request: BuildRequest = {
    ...given('id', id !== undefined && /^[a-z0-9]{12,64}$/i.test(id) ? id : undefined),
    ...given('context', remote === undefined ? undefined : ({ kind: 'remote', url: remote } as const)),
    ...given('dockerfile', text('dockerfile')),
    ...given('target', text('target')),
    ...given('platform', platformOf(text('platform'))),
    ...given('network', text('networkmode')),
    tags: tagsOf(query.getAll('t')),
    buildArgs: mapOf(query, 'buildargs', 'error reading build args: '),
    labels: mapOf(query, 'labels', 'error reading labels: ') as Record<string, string>,
    cacheFrom: listOf(query.get('cachefrom'), ''),
    extraHosts: query.getAll('extrahosts').flatMap(hostsOf),
    ulimits: ulimitsOf(query.get('ulimits')),
    pull: flag('pull'),
    noCache: flag('nocache'),
    squash: flag('squash'),
    ...resources(query),
    removeIntermediate: removes(query) !== false,
  };
  return { request, quiet: flag('q'), remove: removes(query), version };
}

/** An address; BuildKit has names of its own there. */
function remoteOf(remote: string | undefined, version: '1' | '2'): string | undefined {
  const isAddress = /^(https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/i.test(remote ?? '');
  if (remote !== undefined && version === '1' && !isAddress)
    throw invalid(`remoteURL (${remote}) could not be recognized as URL`);
  return remote;
}

const given = <K extends string, V>(name: K, value: V | undefined): { readonly [N in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [N in K]?: V };

/** What dockerd refuses, or reads and leaves: outputs and isolation are other builders'. */
function checkUnsupported(query: URLSearchParams): void {
  const isolation = query.get('isolation') ?? '';
  if (!['', 'default'].includes(isolation.toLowerCase()))
    throw invalid(`Unsupported isolation: ${JSON.stringify(isolation)}`);
  if (query.getAll('securityopt').some((value) => !['', '[]', 'null'].includes(value.trim())))
    throw invalid('The daemon on this platform does not support setting security options on build');
  const outputs = query.get('outputs');
  if (outputs) goJson(outputs, '');
}

function versionOf(text: string | null): '1' | '2' {
  if (text === null || text === '' || text === '1') return '1';
  if (text === '2') return '2';
  throw invalid(`invalid version ${JSON.stringify(text)}`);
}

/** By default containers go when the build succeeds. */
function removes(query: URLSearchParams): boolean | 'force' {
  if (queryBoolean(query.get('forcerm'))) return 'force';
  return !query.get('rm') || queryBoolean(query.get('rm'));
}

/** Names whole and once each, as they are told at the end. */
function tagsOf(names: readonly string[]): readonly string[] {
  const tags = names
    .filter((name) => name !== '')
    .map((name) => {
      const reference = parseReference(name);
      if (reference.digest !== undefined) throw invalid('build tag cannot contain a digest');
      return familiarString(withDefaultTag(reference));
    });
  return [...new Set(tags)];
}

/** Numbers that dockerd takes for 0 when they are none. */
function resources(query: URLSearchParams): Partial<BuildRequest> {
  const number = (name: string) => {
    const text = query.get(name) ?? '';
    return /^[+-]?\d{1,18}$/.test(text) && Number(text) !== 0 ? Number(text) : undefined;
  };
  const text = (name: string) => query.get(name) || undefined;
  return {
    ...given('memory', number('memory')),
    ...given('memorySwap', number('memswap')),
    ...given('cpuShares', number('cpushares')),
    ...given('cpuPeriod', number('cpuperiod')),
    ...given('cpuQuota', number('cpuquota')),
    ...given('cpusetCpus', text('cpusetcpus')),
    ...given('cpusetMems', text('cpusetmems')),
    ...given('cgroupParent', text('cgroupparent')),
    ...given('shmSize', shmSizeOf(text('shmsize'))),
  };
}

function shmSizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?\d+$/.test(text))
    throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** Values that are strings, or null where the argument has none. */
function mapOf(query: URLSearchParams, name: string, what: string): Record<string, string | null> {
  const text = query.get(name);
  if (!text) return {};
  const value = goJson(text, what);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(value, 'map[string]string', what);
  for (const item of Object.values(value))
    if (item !== null && typeof item !== 'string') throw wrongType(item, 'string', what);
  return value as Record<string, string | null>;
}

function listOf(text: string | null, what: string): readonly string[] {
  if (!text) return [];
  const value = goJson(text, what) ?? [];
  if (!Array.isArray(value)) throw wrongType(value, '[]string', what);
  const wrong = value.find((item) => typeof item !== 'string');
  if (wrong !== undefined) throw wrongType(wrong, 'string', what);
  return value as string[];
}

/** `name:address`, or a JSON list of such. */
const hostsOf = (text: string): readonly string[] =>
  text.trimStart().startsWith('[') ? listOf(text, '') : text === '' ? [] : [text];

function ulimitsOf(text: string | null): NonNullable<BuildRequest['ulimits']> {
  const what = 'error reading ulimit settings: ';
  const value = text ? (goJson(text, what) ?? []) : [];
  if (!Array.isArray(value)) throw wrongType(value, '[]*units.Ulimit', what);
  return value.map((item: unknown) => {
    const { Name = '', Soft = 0, Hard = 0 } = (item ?? {}) as Record<string, unknown>;
    if (typeof Name !== 'string') throw wrongType(Name, 'string', what);
    for (const limit of [Soft, Hard]) if (!Number.isSafeInteger(limit)) throw wrongType(limit, 'int64', what);
    return { Name, Soft: Soft as number, Hard: Hard as number };
  });
}

function wrongType(value: unknown, type: string, what: string) {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return invalid(`${what}json: cannot unmarshal ${found} into Go value of type ${type}`);
}
