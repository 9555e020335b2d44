import { join } from 'node:path';
import type { HostConfig } from '#api/index.ts';
import { conflict } from '#base/errors.ts';
import type { SpecMount, StepPeer, StepSpecInput, StepSpecs } from '#build/run/rooms.ts';
import type { StepSurroundings } from '#build/run/run-step.ts';
import { checkResources } from '#container/checks/resources.ts';
import { devicesOf } from '#container/devices.ts';
import type { ContainerViews, HostFacts } from '#container/index.ts';
import { serversOf, writeFilesOf } from '#container/network-files.ts';
import { resolvesByEngine } from '#container/networking.ts';
import type { ContainerMount, ContainerRecord } from '#container/record.ts';
import { ownMountPoints } from '#container/spec/mounts.ts';
import { peerOf } from '#container/spec/namespaces.ts';
import { cgroupPath, runtimeSpec } from '#container/spec/spec.ts';
import { containerUser } from '#container/spec/user.ts';
import { readTextBeneath } from '#runtime/rootfs.ts';

/** The same on every machine, since programs write it down. */
const hostname = 'buildkitsandbox';

/** The specs of build steps: each is that of a container which nobody sees. */
export function stepSpecs(facts: HostFacts, containers: Pick<ContainerViews, 'inspect'>): StepSpecs {
  return {
    mountPoints: ownMountPoints,
    network: (name) => (name === 'default' ? (facts.defaultNetwork ?? 'bridge') : name),
    peer: (network) => stepPeer(network, containers),
    nameServers: (network) => {
      const record = { ...emptyRecord, hostConfig: { NetworkMode: network } };
      return resolvesByEngine(record, []) ? serversOf(record, facts) : undefined;
    },
    check: (surroundings) => checkResources(hostConfigOf(surroundings, facts)),
    cgroupPath: (id, surroundings) =>
      cgroupPath({ ...emptyRecord, id, hostConfig: hostConfigOf(surroundings, facts) }, facts),
    spec: (input) => {
      const record = recordOf(input, facts);
      const own = {
        resolvConf: join(input.folder, 'resolv.conf'),
        hostname: join(input.folder, 'hostname'),
        hosts: join(input.folder, 'hosts'),
      };
      writeFilesOf(record, { files: own, sandbox: input.sandbox, facts });
      const { peer } = input;
      const files = peer === undefined ? own : { ...own, hosts: peer.hosts, resolvConf: peer.resolvConf };
      const { devices, numbers } = devicesOf(record.hostConfig);
      const user = containerUser({
        user: input.request.user,
        passwd: readTextBeneath(input.rootfs, '/etc/passwd'),
        group: readTextBeneath(input.rootfs, '/etc/group'),
      });
      return runtimeSpec({
        ...{ record, facts, user, devices, files },
        peers: peer === undefined ? {} : { network: peer.pid },
        deviceNumbers: numbers,
        rootPath: '/',
      });
    },
  };
}

async function stepPeer(
  network: string,
  containers: Pick<ContainerViews, 'inspect'>,
): Promise<StepPeer | undefined> {
  const reference = peerOf(network);
  if (reference === undefined) return undefined;
  const { Id, State, HostsPath = '', ResolvConfPath = '' } = await containers.inspect(reference);
  if (!State?.Running || !State.Pid) throw conflict(`cannot join network of a non running container: ${Id}`);
  return { pid: State.Pid, hosts: HostsPath, resolvConf: ResolvConfPath };
}

const emptyRecord: ContainerRecord = {
  id: '',
  name: '',
  createdAt: '',
  imageId: '',
  image: '',
  driver: '',
  config: {},
  hostConfig: {},
  networks: {},
  mounts: [],
};

function recordOf({ request, env, mounts }: StepSpecInput, facts: HostFacts): ContainerRecord {
  return {
    ...emptyRecord,
    id: request.id,
    config: {
      Hostname: request.hostname ?? hostname,
      Cmd: [...request.args],
      Env: [...env],
      WorkingDir: request.workingDirectory,
      User: request.user,
    },
    hostConfig: {
      ...hostConfigOf(request.surroundings, facts),
      NetworkMode: request.network,
      Privileged: request.insecure,
    },
    mounts: mounts.map(mountOf),
  };
}

function hostConfigOf(wanted: StepSurroundings, facts: HostFacts): HostConfig {
  const shmSize = wanted.shmSize || facts.defaultShmSize;
  return {
    IpcMode: 'private',
    CgroupnsMode: facts.defaultCgroupnsMode ?? 'private',
    ExtraHosts: [...wanted.extraHosts],
    Ulimits: [...wanted.ulimits],
    ...(shmSize && { ShmSize: shmSize }),
    ...(wanted.memory && { Memory: wanted.memory }),
    ...((wanted.memorySwap || wanted.memory) && {
      MemorySwap: wanted.memorySwap || (wanted.memory ?? 0) * 2,
    }),
    ...(wanted.cpuShares && { CpuShares: wanted.cpuShares }),
    ...(wanted.cpuPeriod && { CpuPeriod: wanted.cpuPeriod }),
    ...(wanted.cpuQuota && { CpuQuota: wanted.cpuQuota }),
    ...(wanted.cpusetCpus && { CpusetCpus: wanted.cpusetCpus }),
    ...(wanted.cpusetMems && { CpusetMems: wanted.cpusetMems }),
    ...(wanted.cgroupParent && { CgroupParent: wanted.cgroupParent }),
    ...(wanted.securityOpt && { SecurityOpt: [...wanted.securityOpt] }),
  };
}

const mountOf = ({ destination, source, writable, options }: SpecMount): ContainerMount => ({
  type: source === undefined ? 'tmpfs' : 'bind',
  source: source ?? '',
  destination,
  mode: '',
  rw: writable,
  propagation: 'rprivate',
  ...(options === undefined ? {} : { tmpfsOptions: options }),
});
