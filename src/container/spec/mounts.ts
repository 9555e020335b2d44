import type { HostConfig } from '#api/index.ts';
import type { RuntimeMount } from '#oci/runtime-spec.ts';
import type { ContainerMount } from '../record.ts';

/** Files of the engine that a container sees as its own. */
export interface NetworkFiles {
  readonly resolvConf: string;
  readonly hostname: string;
  readonly hosts: string;
}

export interface MountInput {
  readonly hostConfig: HostConfig;
  readonly mounts: readonly ContainerMount[];
  /** Absent where the container has no network files: `container:` networking shares the other's. */
  readonly files?: NetworkFiles;
  /** The init of the container whose /dev/shm is shared. */
  readonly ipcPeer?: number;
  readonly shmSize: number;
  readonly cgroupNamespace: boolean;
}

/**
 * Every mount, in the order they are made: the kernel's file systems, then the container's own, shallow before deep.
 * A place that the container mounts itself takes the place of the default there and of those beneath.
 */
export function mounts(input: MountInput): readonly RuntimeMount[] {
  const own = [...ownMounts(input)].sort((a, b) => depth(a.destination) - depth(b.destination));
  const taken = new Set(own.map(({ destination }) => destination));
  const isKept = ({ destination }: RuntimeMount) =>
    !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/'));
  const defaults = kernelMounts(input).filter(isKept);
  return [...(input.hostConfig.Privileged === true ? defaults.map(writable) : defaults), ...own];
}

function kernelMounts({ hostConfig, shmSize }: MountInput): readonly RuntimeMount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['ro', 'nosuid', 'noexec', 'nodev'],
    },
    posixQueues,
    ...(hostConfig.IpcMode === 'private' || hostConfig.IpcMode === 'shareable' ? [shm(shmSize)] : []),
  ];
}

/** Of whichever IPC namespace the container has. */
const posixQueues: RuntimeMount = {
  destination: '/dev/mqueue',
  type: 'mqueue',
  source: 'mqueue',
  options: ['nosuid', 'noexec', 'nodev'],
};

const shm = (size: number): RuntimeMount => ({
  destination: '/dev/shm',
  type: 'tmpfs',
  source: 'shm',
  options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`],
});

function* ownMounts({ hostConfig, mounts: wanted, files, ipcPeer }: MountInput): Iterable<RuntimeMount> {
  const taken = new Set(wanted.map(({ destination }) => destination));
  if (hostConfig.IpcMode === 'host') yield bind('/dev/shm', '/dev/shm');
  // Mount points cannot be renamed away from inside, so this path of a container is safe to name.
  if (ipcPeer !== undefined) yield bind(`/proc/${ipcPeer}/root/dev/shm`, '/dev/shm');
  for (const mount of wanted) yield containerMount(mount);
  for (const [source, destination] of Object.entries(fileMounts(files)))
    if (!taken.has(destination))
      yield bind(source, destination, hostConfig.ReadonlyRootfs === true ? ['ro'] : []);
}

function fileMounts(files: NetworkFiles | undefined): Record<string, string> {
  if (files === undefined) return {};
  return {
    [files.resolvConf]: '/etc/resolv.conf',
    [files.hostname]: '/etc/hostname',
    [files.hosts]: '/etc/hosts',
  };
}

function containerMount(mount: ContainerMount): RuntimeMount {
  if (mount.type === 'tmpfs') {
    return {
      destination: mount.destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: mount.tmpfsOptions ?? [],
    };
  }
  return {
    destination: mount.destination,
    type: 'bind',
    source: mount.source,
    options: [
      mount.nonRecursive === true ? 'bind' : 'rbind',
      ...(mount.rw ? [] : ['ro']),
      mount.propagation === '' ? 'rprivate' : mount.propagation,
    ],
  };
}

const bind = (source: string, destination: string, more: readonly string[] = []): RuntimeMount => ({
  destination,
  type: 'bind',
  source,
  options: ['rbind', 'rprivate', ...more],
});

/** A privileged container may write /sys and its cgroups. */
function writable(mount: RuntimeMount): RuntimeMount {
  return { ...mount, options: mount.options.filter((option) => option !== 'ro') };
}

const depth = (path: string): number => path.split('/').filter((part) => part !== '').length;

/** The places that every start mounts on and may have to make: no change of the container's, as with Docker. */
export const ownMountPoints: readonly string[] = [
  '/proc',
  '/sys',
  '/dev/pts',
  '/dev/shm',
  '/dev/mqueue',
  '/dev/console',
  '/etc/resolv.conf',
  '/etc/hostname',
  '/etc/hosts',
];

/** Those that images may lack: files, and directories that a mount covers whole. */
export const lackingMountPoints = {
  directories: ['/proc', '/sys', '/dev', '/etc'],
  files: ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'],
} as const;

const tmpfsDefaults = ['noexec', 'nosuid', 'nodev'];
const opposites: readonly (readonly [string, string])[] = [
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['rw', 'ro'],
];

/** A tmpfs's options: Docker's defaults, each undone by its opposite; of `key=value` the last counts. */
export function tmpfsOptions(asked: string): readonly string[] {
  const chosen = new Map<string, string>();
  for (const option of [...tmpfsDefaults, ...asked.split(',')].filter((text) => text !== '')) {
    const pair = opposites.find((words) => words.includes(option));
    chosen.set(pair?.[0] ?? option.split('=')[0]!, option);
  }
  return [...chosen.values()];
}
