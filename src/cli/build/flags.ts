import type { Ulimit } from '#api/index.ts';
import { extraHost } from '../container-spec/checks.ts';
import { parseCpus, parseUlimit } from '../container-spec/resources.ts';
import { bool, type Flag, type FlagSet, int, list, strings, text, type Values, value } from '../flags.ts';
import { parseBytes } from '../format/human.ts';

const bytes = (usage: string, extra: { short?: string } = {}): Flag<number> =>
  value('bytes', usage, { initial: 0, ...extra, read: parseBytes });

const unused = (usage: string) => bool(usage, { hidden: true });

/** The flags of `build`. */
export const buildFlags = {
  'add-host': list('Add a custom host-to-IP mapping (format: "host:ip")', {
    check: extraHost,
    type: 'strings',
  }),
  allow: list('Allow extra privileged entitlement (e.g., "network.host", "security.insecure")', {
    type: 'stringArray',
  }),
  annotation: list('Add annotation to the image', { type: 'stringArray' }),
  attest: list('Attestation parameters (format: "type=sbom,generator=image")', { hidden: true }),
  'build-arg': list('Set build-time variables', { type: 'stringArray' }),
  'build-context': list('Additional build contexts (e.g., name=path)', { type: 'stringArray' }),
  builder: text('Override the configured builder instance', { hidden: true }),
  'cache-from': list('External cache sources (e.g., "user/app:cache", "type=registry,ref=user/app:cache")', {
    type: 'stringArray',
  }),
  'cache-to': list('Cache export destinations', { type: 'stringArray', hidden: true }),
  call: text('Set method for evaluating build ("check", "outline", "targets")', { initial: 'build' }),
  'cgroup-parent': text('Set the parent cgroup for the "RUN" instructions during build'),
  check: bool('Shorthand for "--call=check"'),
  compress: unused('Compress the build context using gzip'),
  'cpu-period': int('Limit the CPU CFS (Completely Fair Scheduler) period'),
  'cpu-quota': int('Limit the CPU CFS (Completely Fair Scheduler) quota'),
  'cpu-shares': int('CPU shares (relative weight)', { short: 'c' }),
  cpus: value('decimal', 'Number of CPUs', { initial: 0, read: parseCpus }),
  'cpuset-cpus': text('CPUs in which to allow execution (0-3, 0,1)'),
  'cpuset-mems': text('MEMs in which to allow execution (0-3, 0,1)'),
  debug: bool('Show warnings in full', { short: 'D' }),
  'disable-content-trust': bool('Skip image verification', { initial: true, hidden: true }),
  file: text('Name of the Dockerfile (default: "PATH/Dockerfile")', { short: 'f' }),
  'force-rm': unused('Always remove intermediate containers'),
  iidfile: text('Write the image ID to a file'),
  isolation: text('Container isolation technology'),
  label: list('Set metadata for an image', { type: 'stringArray' }),
  load: bool('Shorthand for "--output=type=docker"'),
  memory: bytes('Memory limit', { short: 'm' }),
  'memory-swap': value('bytes', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
    initial: 0,
    read: (given: string) => (given === '-1' ? -1 : parseBytes(given)),
  }),
  'metadata-file': text('Write build result metadata to a file'),
  network: text('Set the networking mode for the "RUN" instructions during build', { initial: 'default' }),
  'no-cache': bool('Do not use cache when building the image'),
  'no-cache-filter': strings('Do not cache specified stages', { type: 'stringArray' }),
  output: list('Output destination (format: "type=local,dest=path")', { short: 'o', type: 'stringArray' }),
  platform: list('Set target platform for build', { type: 'stringArray' }),
  progress: text('Set type of progress output ("auto", "plain", "tty", "quiet", "rawjson")', {
    initial: 'auto',
  }),
  provenance: text('Shorthand for "--attest=type=provenance"', { hidden: true }),
  pull: bool('Always attempt to pull all referenced images'),
  push: bool('Shorthand for "--output=type=registry"'),
  quiet: bool('Suppress the build output and print image ID on success', { short: 'q' }),
  rm: bool('Remove intermediate containers after a successful build', { initial: true, hidden: true }),
  sbom: text('Shorthand for "--attest=type=sbom"', { hidden: true }),
  secret: list('Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")', {
    type: 'stringArray',
  }),
  'security-opt': list('Security options', { type: 'strings' }),
  'shm-size': bytes('Shared memory size for build containers'),
  squash: bool('Squash newly built layers into a single new layer'),
  ssh: list(
    'SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")',
    {
      type: 'stringArray',
    },
  ),
  tag: list('Name and optionally a tag (format: "name:tag")', { short: 't', type: 'stringArray' }),
  target: text('Set the target build stage to build'),
  ulimit: value<readonly Ulimit[]>('ulimit', 'Ulimit options', {
    initial: [],
    shows: '[]',
    read: (given, current) => [...current, parseUlimit(given)],
  }),
  verify: text('Build anew beside the cache and say what differs from this image', { type: 'image' }),
} satisfies FlagSet;

export type BuildFlags = Values<typeof buildFlags>;
