import type { ContainerConfig, HostConfig } from '#api/index.ts';
import type { NewContainer } from '#client/container/create.ts';
import type { ConfigFile } from '../config.ts';
import type { Parsed } from '../flags.ts';
import { storageOption } from './checks.ts';
import { keyValues, readEnvs, readLabels, sorted } from './env.ts';
import type { ContainerFlags, containerFlags } from './flags.ts';
import { healthOf } from './health.ts';
import { limitsOf, parseRestart } from './limits.ts';
import { parseTmpfs, parseVolumes, type Volumes } from './mounts.ts';
import { endpointsOf } from './networks.ts';
import { type Published, parseExpose, parsePublish } from './ports.ts';
import { proxyEnv } from './proxies.ts';
import { checkDevice, isQualifiedDevice, parseDevice } from './resources.ts';
import { effectiveCapabilities, parseSecurity } from './security.ts';

export interface SpecOptions {
  /** A container that nobody attaches to. */
  readonly detached: boolean;
  /** Gives proxies to a container's environment. */
  readonly configFile: ConfigFile;
  readonly host: string;
}

/**
 * What the flags and arguments of `run` and `create` say, as the API takes it. Empty lists stand where Docker's client
 * has them, since `inspect` shows the difference.
 *
 * @throws Error what is wrong with them, in Docker's words
 */
export function containerSpec(parsed: Parsed<typeof containerFlags>, options: SpecOptions): NewContainer {
  const { flags } = parsed;
  checkModes(flags);
  const volumes = parseVolumes(flags.volume);
  const published = parsePublish(flags.publish);
  const { mode, endpoints } = endpointsOf({
    ...flags,
    network: [...flags.net, ...flags.network],
    'network-alias': [...flags['net-alias'], ...flags['network-alias']],
  });
  return {
    ...(flags.name !== '' && { name: flags.name }),
    ...(flags.platform !== '' && { platform: flags.platform }),
    config: configOf(parsed, options, { volumes, published }),
    hostConfig: hostConfigOf(parsed, { volumes, published, networkMode: mode }),
    networkingConfig: { EndpointsConfig: endpoints },
  };
}

function configOf(
  { flags, given, args }: Parsed<typeof containerFlags>,
  options: SpecOptions,
  { volumes, published }: { volumes: Volumes; published: Published },
): ContainerConfig {
  const [Image = '', ...command] = args;
  const attached = new Set(flags.attach);
  const all = attached.size === 0 && !options.detached;
  const stdin = attached.has('stdin') || (all && flags.interactive);
  const exposed = {
    ...published.exposed,
    ...Object.fromEntries(parseExpose(flags.expose).map((port) => [port, {}])),
  };
  const env = [...proxyEnv(options.configFile, options.host), ...readEnvs(flags['env-file'], flags.env)];
  const health = healthOf(flags, given);
  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: stdin,
    AttachStdout: all || attached.has('stdout'),
    AttachStderr: all || attached.has('stderr'),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && stdin,
    ...(env.length > 0 && { Env: env }),
    ...(command.length > 0 && { Cmd: command }),
    Image,
    Volumes: sorted(volumes.volumes),
    WorkingDir: flags.workdir,
    ...(given.has('entrypoint') && { Entrypoint: [flags.entrypoint] }),
    Labels: readLabels(flags['label-file'], flags.label),
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: sorted(exposed) }),
    ...(health && { Healthcheck: health }),
    ...(given.has('stop-signal') && { StopSignal: flags['stop-signal'] }),
    ...(given.has('stop-timeout') && { StopTimeout: flags['stop-timeout'] }),
  };
}

function hostConfigOf(
  { flags, given }: Parsed<typeof containerFlags>,
  { volumes, published, networkMode }: { volumes: Volumes; published: Published; networkMode: string },
): HostConfig {
  const capabilities = effectiveCapabilities(flags['cap-add'], flags['cap-drop']);
  const security = parseSecurity(flags['security-opt']);
  const devices = flags.device
    .filter((device) => !isQualifiedDevice(device))
    .map(checkDevice)
    .map(parseDevice);
  const requests = [...flags.gpus, ...qualifiedDevices(flags.device)];
  const some = <T>(values: readonly T[]) => (values.length > 0 ? values : undefined);
  const tmpfs = parseTmpfs(flags.tmpfs);
  return defined({
    Binds: some(volumes.binds),
    ContainerIDFile: flags.cidfile,
    LogConfig: logConfigOf(flags),
    NetworkMode: networkMode,
    PortBindings: sorted(published.bindings),
    RestartPolicy: parseRestart(flags.restart),
    AutoRemove: flags.rm,
    VolumeDriver: flags['volume-driver'],
    VolumesFrom: some(flags['volumes-from']),
    Mounts: some(flags.mount),
    CapAdd: some(capabilities.add),
    CapDrop: some(capabilities.drop),
    CgroupnsMode: flags.cgroupns,
    Dns: flags.dns,
    DnsOptions: [...flags['dns-opt'], ...flags['dns-option']],
    DnsSearch: flags['dns-search'],
    ExtraHosts: some(flags['add-host']),
    GroupAdd: some(flags['group-add']),
    IpcMode: flags.ipc,
    Links: some(flags.link),
    OomScoreAdj: flags['oom-score-adj'],
    PidMode: flags.pid,
    Privileged: flags.privileged,
    PublishAllPorts: flags['publish-all'],
    ReadonlyRootfs: flags['read-only'],
    SecurityOpt: some(security.options),
    MaskedPaths: security.systemPaths,
    ReadonlyPaths: security.systemPaths,
    StorageOpt:
      flags['storage-opt'].length > 0 ? keyValues(flags['storage-opt'].map(storageOption)) : undefined,
    Tmpfs: Object.keys(tmpfs).length > 0 ? sorted(tmpfs) : undefined,
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    ShmSize: flags['shm-size'],
    Sysctls: flags.sysctl.length > 0 ? keyValues(flags.sysctl) : undefined,
    Annotations: flags.annotation.length > 0 ? keyValues(flags.annotation) : undefined,
    Runtime: flags.runtime === '' ? undefined : flags.runtime,
    Isolation: flags.isolation,
    Init: given.has('init') ? flags.init : undefined,
    ...limitsOf(flags),
    CgroupParent: flags['cgroup-parent'],
    BlkioWeightDevice: flags['blkio-weight-device'],
    BlkioDeviceReadBps: flags['device-read-bps'],
    BlkioDeviceWriteBps: flags['device-write-bps'],
    BlkioDeviceReadIOps: flags['device-read-iops'],
    BlkioDeviceWriteIOps: flags['device-write-iops'],
    Devices: devices,
    DeviceCgroupRules: some(flags['device-cgroup-rule']),
    DeviceRequests: some(requests),
    MemorySwappiness: flags['memory-swappiness'],
    OomKillDisable: flags['oom-kill-disable'],
    Ulimits: [...flags.ulimit].sort((a, b) => (a.Name! < b.Name! ? -1 : 1)),
    ConsoleSize: [0, 0],
  });
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Without the members that are undefined. */
function defined(config: Loose<HostConfig>): HostConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as HostConfig;
}

function logConfigOf(flags: ContainerFlags): NonNullable<HostConfig['LogConfig']> {
  const options = keyValues(flags['log-opt']);
  if (flags['log-driver'] === 'none' && flags['log-opt'].length > 0) {
    throw new Error('invalid logging opts for driver none');
  }
  return { Type: flags['log-driver'], Config: options };
}

function checkModes(flags: ContainerFlags): void {
  const container = (mode: string) => /^container:.+$/.test(mode);
  if (!['', 'host'].includes(flags.pid) && !container(flags.pid)) throw new Error('--pid: invalid PID mode');
  if (!['', 'host'].includes(flags.uts)) throw new Error('--uts: invalid UTS mode');
  if (!['', 'host'].includes(flags.userns)) throw new Error('--userns: invalid USER mode');
  if (!['', 'host', 'private'].includes(flags.cgroupns)) throw new Error('--cgroupns: invalid CGROUP mode');
  const swappiness = flags['memory-swappiness'];
  if (swappiness < -1 || swappiness > 100) {
    throw new Error(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  }
  if (flags.rm && !['no', ''].includes(flags.restart)) {
    throw new Error('conflicting options: cannot specify both --restart and --rm');
  }
}

const qualifiedDevices = (devices: readonly string[]) => {
  const DeviceIDs = devices.filter(isQualifiedDevice);
  return DeviceIDs.length > 0 ? [{ Driver: 'cdi', DeviceIDs }] : [];
};
