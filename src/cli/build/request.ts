import type { BuildRequest } from '#api/build.ts';
import { Failure } from '../command.ts';
import { keyValues } from '../container-spec/env.ts';
import { csvFields } from '../container-spec/mounts.ts';
import type { Values } from '../flags.ts';
import type { buildFlags } from './flags.ts';

type Flags = Values<typeof buildFlags>;

/**
 * What of a request the flags alone tell: all but contexts, the Dockerfile, secrets, agents, outputs and credentials.
 *
 * @param env of this process: where a build argument without a value gets its own
 * @param proxies `NAME=value`, of the configuration file: arguments that were not given
 * @throws {Failure}
 */
export function requestOf(
  flags: Flags,
  {
    env,
    proxies,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly proxies: readonly string[] },
): BuildRequest {
  refuse(flags);
  const { label, annotation, tag, platform } = flags;
  return {
    buildArgs: buildArguments(flags['build-arg'], env, proxies),
    ...(label.length > 0 && { labels: keyValues(label) }),
    ...(annotation.length > 0 && { annotations: annotations(annotation) }),
    ...(tag.length > 0 && { tags: tag.flatMap((each) => each.split(',')) }),
    ...(platform.length > 0 && { platform: onePlatform(platform) }),
    ...(flags.target !== '' && { target: flags.target }),
    ...(flags.pull && { pull: true }),
    ...(flags['no-cache'] && { noCache: true }),
    ...(flags['no-cache-filter'].length > 0 && { noCacheFilter: flags['no-cache-filter'] as string[] }),
    ...(flags['cache-from'].length > 0 && { cacheFrom: flags['cache-from'].flatMap(cacheSource) }),
    ...(flags['add-host'].length > 0 && { extraHosts: flags['add-host'] as string[] }),
    ...(flags.allow.length > 0 && { allow: flags.allow.flatMap((each) => each.split(',')) }),
    ...(flags.squash && { squash: true }),
    ...(flags.verify !== '' && { verify: flags.verify }),
    call: callOf(flags),
    style: 'hoist',
    ...limits(flags),
  };
}

function limits(flags: Flags): BuildRequest {
  if (flags.cpus > 0 && (flags['cpu-quota'] > 0 || flags['cpu-period'] > 0)) {
    throw new Failure('ERROR: conflicting options: cpus, and cpu-quota or cpu-period');
  }
  const cpuPeriod = flags.cpus > 0 ? 100_000 : flags['cpu-period'];
  const cpuQuota = flags.cpus > 0 ? Math.round(flags.cpus / 10_000) : flags['cpu-quota'];
  const given = {
    network: flags.network === 'default' ? '' : flags.network,
    ulimits: flags.ulimit.length > 0 ? [...flags.ulimit] : undefined,
    shmSize: flags['shm-size'],
    memory: flags.memory,
    memorySwap: flags['memory-swap'],
    cpuShares: flags['cpu-shares'],
    cpuPeriod,
    cpuQuota,
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    cgroupParent: flags['cgroup-parent'],
    isolation: flags.isolation,
    securityOpt: flags['security-opt'].length > 0 ? [...flags['security-opt']] : undefined,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, each]) => each !== undefined && each !== '' && each !== 0),
  );
}

/** What is parsed and cannot be done is refused, never passed over. */
function refuse(flags: Flags): void {
  const off = (text: string) => text === '' || /^(0|f|false|disabled=true)$/i.test(text);
  if (!off(flags.provenance) || !off(flags.sbom) || flags.attest.length > 0)
    throw new Failure('ERROR: attestations are not supported by this builder');
  if (flags['cache-to'].length > 0) throw new Failure('ERROR: cache export is not supported by this builder');
  if (flags.push && flags.load)
    throw new Failure('ERROR: push and load may not be set together at the moment');
}

function callOf({ call, check }: Flags): NonNullable<BuildRequest['call']> {
  const [method = ''] = csvFields(call);
  if (check && method !== 'build' && method !== 'check')
    throw new Failure(`ERROR: cannot use call "${method}" with --check`);
  const name = check ? 'check' : method === 'lint' ? 'check' : method;
  if (name === 'build' || name === 'check' || name === 'outline' || name === 'targets') return name;
  throw new Failure(`ERROR: unsupported call ${JSON.stringify(call)}`);
}

/** `outline,format=json`: how what was called for is printed. */
export function callFormat(call: string): 'text' | 'json' {
  const format = csvFields(call)
    .slice(1)
    .find((field) => field.startsWith('format='))
    ?.slice('format='.length);
  if (format === undefined || format === 'text') return 'text';
  if (format === 'json') return 'json';
  throw new Failure(`ERROR: unsupported format ${JSON.stringify(format)}`);
}

function buildArguments(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  proxies: readonly string[],
): Record<string, string> {
  const args: Record<string, string> = {};
  const names = new Set<string>();
  for (const text of given) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name === '') throw new Failure(`ERROR: invalid build argument: ${JSON.stringify(text)}`);
    names.add(name);
    const inherited = equals < 0 ? env[name] : text.slice(equals + 1);
    if (inherited !== undefined) args[name] = inherited;
    else delete args[name];
  }
  for (const proxy of proxies) {
    const equals = proxy.indexOf('=');
    const name = proxy.slice(0, equals);
    if (!names.has(name)) args[name] = proxy.slice(equals + 1);
  }
  return args;
}

function onePlatform(given: readonly string[]): string {
  const all = given.flatMap((each) => each.split(','));
  if (all.length > 1) throw new Failure('ERROR: Multi-platform build is not supported by this builder');
  return all[0]!;
}

/** `type=registry,ref=NAME`, or a name alone. */
function cacheSource(text: string): string[] {
  if (!text.includes('=')) return text.split(',');
  const fields = new Map(
    csvFields(text).map((field) => [field.split('=', 1)[0]!, field.slice(field.indexOf('=') + 1)]),
  );
  if (fields.get('type') !== 'registry')
    throw new Failure(
      `ERROR: cache source of type ${JSON.stringify(fields.get('type') ?? '')} is not supported by this builder`,
    );
  const ref = fields.get('ref');
  if (!ref) throw new Failure('ERROR: registry cache importer requires ref');
  return [ref];
}

/** `[manifest:]key=value`: there is one manifest, and no index beside it. */
function annotations(given: readonly string[]): Record<string, string> {
  return keyValues(
    given.map((text) => {
      const [, scope, rest] = /^([a-z-]+(?:\[[^\]]*\])?(?:,[a-z-]+)*):(.*=.*)$/s.exec(text) ?? [];
      const pair = scope === undefined || !/^(manifest|index)/.test(scope) ? text : rest!;
      if (!pair.includes('='))
        throw new Failure(`ERROR: invalid annotation ${JSON.stringify(text)}: no "=" in it`);
      return pair;
    }),
  );
}
