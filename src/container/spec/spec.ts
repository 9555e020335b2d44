import type { RuntimeDevice, RuntimeSpec } from '#oci/runtime-spec.ts';
import { type ContainerRecord, commandOf } from '../record.ts';
import { capabilitySets, grantedTo } from './capabilities.ts';
import { environment } from './environment.ts';
import type { HostDevice, HostFacts } from './host.ts';
import { mounts, type NetworkFiles } from './mounts.ts';
import { namespaces, type Peers } from './namespaces.ts';
import { type DeviceLookup, deviceRules, resources, rlimits } from './resources.ts';
import { maskedPaths, readonlyPaths, seccompOf, securityOptions } from './security.ts';
import type { ContainerUser } from './user.ts';

/** All that a spec is made from beyond the record: what had to be looked up. */
export interface SpecInput {
  readonly record: ContainerRecord;
  readonly facts: HostFacts;
  readonly user: ContainerUser;
  readonly peers: Peers;
  readonly files?: NetworkFiles;
  readonly devices: readonly HostDevice[];
  readonly deviceNumbers: DeviceLookup;
  /** Where the root file system is shown to be. */
  readonly rootPath: string;
}

/**
 * The runtime spec of a container. Pure: the same input gives the same spec.
 *
 * @see OCI runtime-spec, config.md and config-linux.md
 */
export function runtimeSpec(input: SpecInput): RuntimeSpec {
  const { record, facts, rootPath, files, peers } = input;
  const { config, hostConfig } = record;
  const ownHostname = hostConfig.UTSMode !== 'host';
  return {
    ociVersion: '1.2.0',
    process: processOf(input),
    root: { path: rootPath, readonly: hostConfig.ReadonlyRootfs === true },
    ...(ownHostname && config.Hostname ? { hostname: config.Hostname } : {}),
    ...(ownHostname && config.Domainname ? { domainname: config.Domainname } : {}),
    mounts: mounts({
      hostConfig,
      mounts: record.mounts,
      shmSize: hostConfig.ShmSize || defaultShmSize,
      cgroupNamespace: hostConfig.CgroupnsMode !== 'host',
      ...(files === undefined ? {} : { files }),
      ...(peers.ipc === undefined ? {} : { ipcPeer: peers.ipc }),
    }),
    ...(hostConfig.Annotations ? { annotations: hostConfig.Annotations } : {}),
    linux: linuxOf(input, facts),
  };
}

export const defaultShmSize = 64 << 20;

function processOf({ record, facts, user }: SpecInput): RuntimeSpec['process'] {
  const { config, hostConfig } = record;
  const tty = config.Tty === true;
  const [height, width] = hostConfig.ConsoleSize ?? [];
  const { noNewPrivileges, apparmor } = securityOptions(hostConfig.SecurityOpt);
  return {
    terminal: tty,
    ...(tty && height && width ? { consoleSize: { height, width } } : {}),
    user: {
      uid: user.uid,
      gid: user.gid,
      ...(user.additionalGids.length > 0 ? { additionalGids: user.additionalGids } : {}),
    },
    args: commandOf(config),
    env: environment({
      wanted: config.Env ?? [],
      hostname: config.Hostname ?? '',
      tty,
      home: user.home,
    }),
    cwd: config.WorkingDir || '/',
    capabilities: capabilitySets(grantedTo(hostConfig, facts).capabilities, user.uid),
    rlimits: rlimits(hostConfig.Ulimits, facts.defaultUlimits) ?? [],
    noNewPrivileges: noNewPrivileges || facts.noNewPrivileges === true,
    ...(apparmor && apparmor !== 'unconfined' ? { apparmorProfile: apparmor } : {}),
    ...(hostConfig.OomScoreAdj ? { oomScoreAdj: hostConfig.OomScoreAdj } : {}),
  };
}

function linuxOf(input: SpecInput, facts: HostFacts): RuntimeSpec['linux'] {
  const { record, peers, devices, deviceNumbers } = input;
  const { hostConfig } = record;
  const privileged = hostConfig.Privileged === true;
  const seccomp = seccompOf(hostConfig, grantedTo(hostConfig, facts).capabilities, facts);
  const isOpen = privileged || securityOptions(hostConfig.SecurityOpt).systemPathsUnconfined;
  const propagation = rootPropagation(record);
  return {
    namespaces: namespaces(hostConfig, peers),
    ...(devices.length > 0 ? { devices: devices.map(node) } : {}),
    cgroupsPath: cgroupPath(record, facts),
    resources: {
      devices: deviceRules({ privileged, devices, rules: hostConfig.DeviceCgroupRules ?? [] }),
      ...resources(hostConfig, deviceNumbers),
    },
    ...(seccomp === undefined ? {} : { seccomp }),
    maskedPaths: isOpen ? [] : (hostConfig.MaskedPaths ?? maskedPaths),
    readonlyPaths: isOpen ? [] : (hostConfig.ReadonlyPaths ?? readonlyPaths),
    ...(hostConfig.Sysctls ? { sysctl: hostConfig.Sysctls } : {}),
    ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
  };
}

/** Beneath each controller's mount point. A relative parent is taken from there too. */
export function cgroupPath({ id, hostConfig }: ContainerRecord, facts: HostFacts): string {
  const parent = hostConfig.CgroupParent || facts.cgroupParent;
  return `/${parent.replace(/^\/+|\/+$/g, '')}/${id}`.replace(/^\/\//, '/');
}

/** What arrives through a shared or slave mount must be able to reach it through the root. */
function rootPropagation({ mounts: wanted }: ContainerRecord): string | undefined {
  if (wanted.some(({ propagation }) => propagation === 'shared' || propagation === 'rshared'))
    return 'rshared';
  if (wanted.some(({ propagation }) => propagation === 'slave' || propagation === 'rslave')) return 'rslave';
  return undefined;
}

const node = ({ access: _, ...device }: HostDevice): RuntimeDevice => device;
