import { type AuthConfig, type BuildRequest, parseFilters } from '#api/index.ts';
import { invalid, unsupported } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { empty, json, lines, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { platformOf } from '../versions.ts';
import { classicLines } from './build-classic.ts';

/** The classic builder's edge. @see Engine API, ImageBuild, BuildPrune */
export const buildRoutes: Routes = {
  'POST /build': build,
  'POST /build/prune': prune,
  'POST /build/cancel': (call) => {
    const id = call.text('id');
    if (id === undefined) throw invalid('build ID not provided');
    call.engine.builds.cancel(id);
    return empty();
  },
};

async function build(call: Call): Promise<Reply> {
  if (call.text('version') === '2')
    throw unsupported(
      'BuildKit sessions are not supported by this engine: build with DOCKER_BUILDKIT=0, or with hoist',
    );
  const request = requestOf(call);
  const remote = call.text('remote');
  const { builds } = call.engine;
  const context: NonNullable<BuildRequest['context']> =
    remote === undefined
      ? { kind: 'sent', id: (await builds.contexts.receive(call.body, call.signal)).id }
      : { kind: 'remote', url: remote };
  const events = builds.build({ ...request, context }, call.signal);
  return lines(
    classicLines(events, { quiet: call.flag('q'), removes: call.flag('rm', true), tags: request.tags ?? [] }),
    'now',
  );
}

function requestOf(call: Call): BuildRequest {
  const texts = (name: string) => call.query.getAll(name).filter((text) => text !== '');
  const target = call.text('target');
  const network = call.text('networkmode');
  const platform = platformOf(call.text('platform'));
  const dockerfile = call.text('dockerfile');
  const cgroupParent = call.text('cgroupparent');
  const id = call.text('buildid');
  const shmSize = call.integer('shmsize');
  return {
    style: 'classic',
    tags: texts('t'),
    noCache: call.flag('nocache'),
    pull: call.flag('pull'),
    squash: call.flag('squash'),
    removeIntermediate: call.flag('rm', true),
    buildArgs: jsonOf<Record<string, string | null>>(call, 'buildargs') ?? {},
    labels: jsonOf<Record<string, string>>(call, 'labels') ?? {},
    cacheFrom: jsonOf<string[]>(call, 'cachefrom') ?? [],
    ulimits: jsonOf<NonNullable<BuildRequest['ulimits']>>(call, 'ulimits') ?? [],
    extraHosts: extraHosts(texts('extrahosts')),
    securityOpt: jsonOf<string[]>(call, 'securityopt') ?? [],
    registryAuth: registryConfig(call.headers['x-registry-config']),
    allow: ['network.host'],
    ...(id !== undefined && /^[a-z0-9]{12,64}$/i.test(id) && { id }),
    ...(dockerfile && { dockerfile }),
    ...(target && { target }),
    ...(network && { network }),
    ...(platform && { platform }),
    ...(cgroupParent && { cgroupParent }),
    ...(shmSize && { shmSize }),
    ...limits(call),
  };
}

function limits(call: Call): Partial<BuildRequest> {
  const numbers = {
    memory: call.integer('memory'),
    memorySwap: call.integer('memswap'),
    cpuShares: call.integer('cpushares'),
    cpuPeriod: call.integer('cpuperiod'),
    cpuQuota: call.integer('cpuquota'),
    cpusetCpus: call.text('cpusetcpus'),
    cpusetMems: call.text('cpusetmems'),
  };
  return Object.fromEntries(
    Object.entries(numbers).filter(([, value]) => value !== undefined && value !== 0),
  );
}

/** A parameter that holds JSON. @throws {EngineError} `invalid` in dockerd's words */
function jsonOf<T>(call: Call, name: string): T | undefined {
  const text = call.text(name);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as T | null;
    return value ?? undefined;
  } catch (cause) {
    throw invalid(`error reading build ${name}: ${(cause as Error).message}`, { cause });
  }
}

/** Given one by one, or as one list in JSON. */
function extraHosts(given: readonly string[]): readonly string[] {
  return given.flatMap((text) => (text.startsWith('[') ? (JSON.parse(text) as string[]) : [text]));
}

/** `X-Registry-Config`: credentials by registry. What cannot be read is nothing, as with dockerd. */
function registryConfig(header: string | string[] | undefined): Readonly<Record<string, AuthConfig>> {
  if (typeof header !== 'string' || header === '') return {};
  try {
    return (
      (JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, AuthConfig> | null) ?? {}
    );
  } catch {
    return {};
  }
}

async function prune(call: Call): Promise<Reply> {
  const filters = parseFilters(call.query.get('filters'));
  const reserved = call.integer('reserved-space') ?? call.integer('keep-storage');
  const most = call.integer('max-used-space');
  const free = call.integer('min-free-space');
  const { deleted, spaceReclaimed } = await call.engine.builds.prune({
    all: call.flag('all'),
    filters,
    ...(reserved !== undefined && { reservedSpace: reserved }),
    ...(most !== undefined && { maxUsedSpace: most }),
    ...(free !== undefined && { minFreeSpace: free }),
  });
  return json({ CachesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: spaceReclaimed });
}
