import { unsupported } from '#base/errors.ts';
import { MOUNT_ATTR, MS } from '#linux/mount.ts';
import type { NamespaceType, RuntimeProcess, RuntimeSpec } from '#oci/runtime-spec.ts';
import type { TaskRequest } from '../format.ts';
import { PROCESS } from '../protocol.ts';
import type { CgroupJoins, CgroupView } from './cgroup-places.ts';
import { deviceOperations } from './device-operations.ts';
import { mountOperations } from './mount-operations.ts';
import { hostProcOperations, processOperations } from './process-operations.ts';
import type { Operation } from './tape.ts';

/** linux/sched.h (CLONE_NEW*) */
const namespaceFlags: Readonly<Record<Exclude<NamespaceType, 'user'>, number>> = {
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  pid: 0x2000_0000,
  network: 0x4000_0000,
};

const { mount, cgroup, uts, ipc, network } = namespaceFlags;
/** All but the pid namespace, which the keeper enters when it clones. */
const enteredByExec = mount | cgroup | uts | ipc | network;

const NO_OFFSET = 0xffff_ffff;

export interface TaskPlan {
  readonly request: TaskRequest;
  readonly joins: CgroupJoins;
  readonly cgroups: readonly CgroupView[];
  /** The compiled profile of the spec. */
  readonly seccomp?: Uint8Array;
}

/** The tape of a container's init. Pure: the same plan gives the same tape. */
export function compileTask({ request, joins, cgroups, seccomp }: TaskPlan): Operation[] {
  const { spec } = request;
  const filter: Operation[] = seccomp === undefined ? [] : [['SECCOMP', seccomp]];
  return [
    processHeader(spec.process, request, clonedNamespaces(spec), request.directory),
    ...logOperations(request),
    ...(request.network?.host ?? []).map(
      ({ bytes, netnsFdOffset }): Operation => ['HOST_NETLINK', netnsFdOffset ?? NO_OFFSET, bytes],
    ),
    ...joinedNamespaces(spec),
    ...joinOperations(joins),
    ...(makes(spec, 'cgroup') ? [['UNSHARE', cgroup] satisfies Operation] : []),
    ...hostProcOperations(spec.process),
    ...rootOperations(spec, request.directory, cgroups),
    ...namespaceOperations(request),
    ...protectionOperations(spec),
    ...processOperations(spec.process, { init: request.init === true, seccomp: filter }),
  ];
}

/** The tape of one more process in a container. Its filter is the init's, which the shim still has. */
export function compileExec(
  process: RuntimeProcess,
  options: { readonly stdin: boolean; readonly joins: CgroupJoins },
): Operation[] {
  return [
    processHeader(process, { stdin: options.stdin, stdinOnce: true }, 0, ''),
    ...joinOperations(options.joins),
    ...hostProcOperations(process),
    ['ENTER', enteredByExec],
    ...(process.terminal ? [['CONSOLE', process.user.uid] satisfies Operation] : []),
    ...processOperations(process, { seccomp: [['SECCOMP_OF_INIT']] }),
  ];
}

function processHeader(
  process: RuntimeProcess,
  streams: { readonly stdin: boolean; readonly stdinOnce: boolean },
  namespaces: number,
  directory: string,
): Operation {
  const flags =
    (streams.stdin ? PROCESS.STDIN : 0) |
    (streams.stdinOnce ? PROCESS.STDIN_ONCE : 0) |
    (process.terminal ? PROCESS.TERMINAL : 0);
  const { height = 0, width = 0 } = process.consoleSize ?? {};
  return ['PROCESS', flags, namespaces, (height & 0xffff) | ((width & 0xffff) << 16), directory];
}

const logOperations = ({ log }: TaskRequest): Operation[] =>
  log === undefined ? [] : [['LOG', BigInt(log.maxBytes ?? 0), log.maxFiles ?? 1, log.path]];

const joinOperations = ({ tasks, unified }: CgroupJoins): Operation[] => [
  ...(unified === undefined ? [] : [['UNIFIED_CGROUP', unified] satisfies Operation]),
  ...tasks.map((path): Operation => ['CGROUP', path]),
];

function makes(spec: RuntimeSpec, type: NamespaceType): boolean {
  return spec.linux.namespaces.some((namespace) => namespace.type === type && !namespace.path);
}

/** The cgroup namespace is made later, inside the container's group; a mount namespace always is. */
function clonedNamespaces(spec: RuntimeSpec): number {
  if (spec.linux.namespaces.some(({ type }) => type === 'user')) {
    throw unsupported('user namespaces are not supported by the native container format');
  }
  const types = (['pid', 'network', 'ipc', 'uts'] as const).filter((type) => makes(spec, type));
  return types.reduce((flags, type) => flags | namespaceFlags[type], mount);
}

function joinedNamespaces(spec: RuntimeSpec): Operation[] {
  return spec.linux.namespaces.flatMap(({ type, path }): Operation[] =>
    path && type !== 'user' && type !== 'mount' ? [['JOIN', namespaceFlags[type], path]] : [],
  );
}

function rootOperations(spec: RuntimeSpec, directory: string, cgroups: readonly CgroupView[]): Operation[] {
  return [
    ['ROOTFS', directory],
    ...spec.mounts.flatMap((mount) => mountOperations(mount, cgroups)),
    ...deviceOperations(spec),
    ['MAKE_DIRECTORY', spec.process.cwd],
    ['PIVOT'],
  ];
}

function namespaceOperations({ spec, network }: TaskRequest): Operation[] {
  return [
    ...(spec.hostname && makes(spec, 'uts') ? [['HOSTNAME', spec.hostname] satisfies Operation] : []),
    ...(spec.domainname && makes(spec, 'uts') ? [['DOMAINNAME', spec.domainname] satisfies Operation] : []),
    ['NETWORK'],
    ...(network?.inner ?? []).map((bytes): Operation => ['INNER_NETLINK', bytes]),
    ...Object.entries(spec.linux.sysctl ?? {}).map(
      ([name, value]): Operation => ['SYSCTL', sysctlPath(name), value],
    ),
  ];
}

/** `net.ipv4.ip_forward` → `net/ipv4/ip_forward`; of a name with slashes, dots are what slashes were. @see sysctl(8) */
function sysctlPath(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '.') return name;
  return name.replace(/[./]/g, (character) => (character === '.' ? '/' : '.'));
}

const propagations: Readonly<Record<string, number>> = {
  private: MS.PRIVATE,
  shared: MS.SHARED,
  slave: MS.SLAVE,
  unbindable: MS.UNBINDABLE,
};

function protectionOperations(spec: RuntimeSpec): Operation[] {
  const attributes = BigInt(spec.root.readonly ? MOUNT_ATTR.RDONLY : 0);
  const propagation = BigInt(propagations[(spec.linux.rootfsPropagation ?? '').replace(/^r/, '')] ?? 0);
  return [
    ...(attributes || propagation ? [['ATTRIBUTES', attributes, propagation, '/'] satisfies Operation] : []),
    ...(spec.linux.readonlyPaths ?? []).map((path): Operation => ['READONLY', path]),
    ...(spec.linux.maskedPaths ?? []).map((path): Operation => ['MASK', path]),
  ];
}
