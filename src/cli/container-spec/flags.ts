import { bool, type Flag, type FlagSet, int, list, readInt, text, type Values, value } from '../flags.ts';
import { parseBytes } from '../format/human.ts';
import * as checks from './checks.ts';
import { readEnv } from './env.ts';
import { parseGoDuration } from './go-duration.ts';
import { parseMount } from './mounts.ts';
import { type NetworkChoice, parseNetwork } from './networks.ts';
import * as resources from './resources.ts';

const bytes = (usage: string, extra: { short?: string } = {}): Flag<number> =>
  value('bytes', usage, { initial: 0, ...extra, read: parseBytes });

const duration = (usage: string): Flag<number> =>
  value('duration', usage, { initial: 0, shows: '0s', read: parseGoDuration });

/** A list whose values are read one by one. */
const each = <T>(
  type: string,
  usage: string,
  read: (text: string) => T,
  extra: { shows?: string; short?: string } = {},
): Flag<readonly T[]> =>
  value(type, usage, {
    initial: [] as readonly T[],
    ...extra,
    read: (text, current) => [...current, read(text)],
  });

const throttle = (usage: string, unit: 'bytes' | 'operations') =>
  each('list', usage, (text) => resources.parseThrottle(text, unit), { shows: '[]' });

/** Limits that `update` has too. */
export const limitFlags = {
  'blkio-weight': value('uint16', 'Block IO (relative weight), between 10 and 1000, or 0 to disable', {
    initial: 0,
    shows: '0',
    read: checks.uint16,
  }),
  'cpu-period': int('Limit CPU CFS (Completely Fair Scheduler) period'),
  'cpu-quota': int('Limit CPU CFS (Completely Fair Scheduler) quota'),
  'cpu-rt-period': int('Limit CPU real-time period in microseconds'),
  'cpu-rt-runtime': int('Limit CPU real-time runtime in microseconds'),
  'cpu-shares': int('CPU shares (relative weight)', { short: 'c' }),
  cpus: value('decimal', 'Number of CPUs', { initial: 0, read: resources.parseCpus }),
  'cpuset-cpus': text('CPUs in which to allow execution (0-3, 0,1)'),
  'cpuset-mems': text('MEMs in which to allow execution (0-3, 0,1)'),
  'kernel-memory': bytes('Kernel memory limit'),
  memory: bytes('Memory limit', { short: 'm' }),
  'memory-reservation': bytes('Memory soft limit'),
  'memory-swap': value('bytes', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
    initial: 0,
    read: (text) => (text === '-1' ? -1 : parseBytes(text)),
  }),
  'pids-limit': int('Tune container pids limit (set -1 for unlimited)'),
} satisfies FlagSet;

const networkFlag = (extra: { hidden?: boolean } = {}): Flag<readonly NetworkChoice[]> => ({
  ...each('network', 'Connect a container to a network', parseNetwork),
  ...extra,
});

/** The flags of `run` and `create` that say what a container is. */
export const containerFlags = {
  ...limitFlags,
  'add-host': list('Add a custom host-to-IP mapping (host:ip)', { check: checks.extraHost }),
  annotation: list('Add an annotation to the container (passed through to the OCI runtime)', {
    type: 'map',
    shows: 'map[]',
  }),
  attach: list('Attach to STDIN, STDOUT or STDERR', { short: 'a', check: checks.attach }),
  'blkio-weight-device': each(
    'list',
    'Block IO weight (relative device weight)',
    resources.parseWeightDevice,
    { shows: '[]' },
  ),
  'cap-add': list('Add Linux capabilities'),
  'cap-drop': list('Drop Linux capabilities'),
  'cgroup-parent': text('Optional parent cgroup for the container'),
  cgroupns: text(`Cgroup namespace to use (host|private)
'host':    Run the container in the Docker host's cgroup namespace
'private': Run the container in its own private cgroup namespace
'':        Use the cgroup namespace as configured by the
           default-cgroupns-mode option on the daemon (default)`),
  cidfile: text('Write the container ID to the file'),
  device: list('Add a host device to the container'),
  'device-cgroup-rule': list('Add a rule to the cgroup allowed devices list', {
    check: checks.deviceCgroupRule,
  }),
  'device-read-bps': throttle('Limit read rate (bytes per second) from a device', 'bytes'),
  'device-read-iops': throttle('Limit read rate (IO per second) from a device', 'operations'),
  'device-write-bps': throttle('Limit write rate (bytes per second) to a device', 'bytes'),
  'device-write-iops': throttle('Limit write rate (IO per second) to a device', 'operations'),
  'disable-content-trust': bool('Skip image verification', { initial: true }),
  dns: list('Set custom DNS servers', { check: checks.address }),
  'dns-opt': { ...list('Set DNS options'), hidden: true },
  'dns-option': list('Set DNS options'),
  'dns-search': list('Set custom DNS search domains', { check: checks.dnsSearch }),
  domainname: text('Container NIS domain name'),
  entrypoint: text('Overwrite the default ENTRYPOINT of the image'),
  env: list('Set environment variables', { short: 'e', check: readEnv }),
  'env-file': list('Read in a file of environment variables'),
  expose: list('Expose a port or a range of ports'),
  gpus: each(
    'gpu-request',
    "GPU devices to add to the container ('all' to pass all GPUs)",
    resources.parseGpus,
  ),
  'group-add': list('Add additional groups to join'),
  'health-cmd': text('Command to run to check health'),
  'health-interval': duration('Time between running the check (ms|s|m|h)'),
  'health-retries': int('Consecutive failures needed to report unhealthy'),
  'health-start-interval': duration('Time between running the check during the start period (ms|s|m|h)'),
  'health-start-period': duration(
    'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)',
  ),
  'health-timeout': duration('Maximum time to allow one check to run (ms|s|m|h)'),
  help: bool('Print usage'),
  hostname: text('Container host name', { short: 'h' }),
  init: bool('Run an init inside the container that forwards signals and reaps processes'),
  interactive: bool('Keep STDIN open even if not attached', { short: 'i' }),
  ip: text('IPv4 address (e.g., 172.30.100.104)'),
  ip6: text('IPv6 address (e.g., 2001:db8::33)'),
  ipc: text('IPC mode to use'),
  isolation: text('Container isolation technology'),
  label: list('Set meta data on a container', { short: 'l' }),
  'label-file': list('Read in a line delimited file of labels'),
  link: list('Add link to another container', { check: checks.link }),
  'link-local-ip': list('Container IPv4/IPv6 link-local addresses'),
  'log-driver': text('Logging driver for the container'),
  'log-opt': list('Log driver options'),
  'mac-address': text('Container MAC address (e.g., 92:d0:c6:0a:29:33)'),
  'memory-swappiness': int('Tune container memory swappiness (0 to 100)', { initial: -1 }),
  mount: each('mount', 'Attach a filesystem mount to the container', parseMount),
  name: text('Assign a name to the container'),
  net: networkFlag({ hidden: true }),
  'net-alias': { ...list('Add network-scoped alias for the container'), hidden: true },
  network: networkFlag(),
  'network-alias': list('Add network-scoped alias for the container'),
  'no-healthcheck': bool('Disable any container-specified HEALTHCHECK'),
  'oom-kill-disable': bool('Disable OOM Killer'),
  'oom-score-adj': int("Tune host's OOM preferences (-1000 to 1000)"),
  pid: text('PID namespace to use'),
  platform: text('Set platform if server is multi-platform capable'),
  privileged: bool('Give extended privileges to this container'),
  publish: list("Publish a container's port(s) to the host", { short: 'p' }),
  'publish-all': bool('Publish all exposed ports to random ports', { short: 'P' }),
  quiet: bool('Suppress the pull output', { short: 'q' }),
  'read-only': bool("Mount the container's root filesystem as read only"),
  restart: text('Restart policy to apply when a container exits', { initial: 'no' }),
  rm: bool('Automatically remove the container and its associated anonymous volumes when it exits'),
  runtime: text('Runtime to use for this container'),
  'security-opt': list('Security Options'),
  'shm-size': bytes('Size of /dev/shm'),
  'stop-signal': text('Signal to stop the container'),
  'stop-timeout': int('Timeout (in seconds) to stop a container'),
  'storage-opt': list('Storage driver options for the container'),
  sysctl: list('Sysctl options', { type: 'map', shows: 'map[]', check: checks.sysctl }),
  tmpfs: list('Mount a tmpfs directory'),
  tty: bool('Allocate a pseudo-TTY', { short: 't' }),
  ulimit: each('ulimit', 'Ulimit options', resources.parseUlimit, { shows: '[]' }),
  user: text('Username or UID (format: <name|uid>[:<group|gid>])', { short: 'u' }),
  userns: text('User namespace to use'),
  uts: text('UTS namespace to use'),
  volume: list('Bind mount a volume', { short: 'v' }),
  'volume-driver': text('Optional volume driver for the container'),
  'volumes-from': list('Mount volumes from the specified container(s)'),
  workdir: text('Working directory inside the container', { short: 'w' }),
} satisfies FlagSet;

export type ContainerFlags = Values<typeof containerFlags>;

/** A whole number, or -1 where it was not given. */
export const optionalInt = (usage: string, short?: string): Flag<number | undefined> =>
  value('int', usage, { initial: undefined, ...(short && { short }), read: readInt });
