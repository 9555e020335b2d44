import { join, normalize } from 'node:path';
import { unsupported } from '#base/errors.ts';
import { MOUNT_ATTR, MS } from '#linux/mount.ts';
import type { RuntimeMount } from '#oci/runtime-spec.ts';
import { MOUNTFLAG } from '../protocol.ts';
import type { CgroupView } from './cgroup-places.ts';
import { type MountOptions, mountOptions } from './mount-options.ts';
import type { Operation } from './tape.ts';

/** The operations that make one mount of a spec. */
export function mountOperations(mount: RuntimeMount, cgroups: readonly CgroupView[]): Operation[] {
  const options = mountOptions(mount.options);
  if (mount.type === 'cgroup' || mount.type === 'cgroup2') return cgroupMount(mount, options, cgroups);
  if (mount.type === 'bind' || mount.options.includes('bind') || mount.options.includes('rbind')) {
    return [bind(mount.source, mount.destination, options)];
  }
  return [fileSystem(mount, options)];
}

/** What may be mounted over in /proc: what system containers give views of their own. @see runc, libcontainer § checkProcMount */
const placesInProc = new Set(
  'cpuinfo diskstats meminfo stat swaps uptime loadavg slabinfo sys/kernel/ns_last_pid sys/crypto/fips_enabled'
    .split(' ')
    .map((name) => `/proc/${name}`),
);

const inProc = (destination: string): number =>
  placesInProc.has(normalize(destination)) ? MOUNTFLAG.IN_PROC : 0;

function fileSystem({ type, destination }: RuntimeMount, options: MountOptions): Operation {
  const refused = options.data.find((word) => word === 'tmpcopyup' || word === 'idmap' || word === 'ridmap');
  if (refused !== undefined)
    throw unsupported(`Cannot mount "${destination}": option ${refused} is not supported`);
  const flags = options.flags | inProc(destination) | (type === 'mqueue' ? MOUNTFLAG.OPTIONAL : 0);
  const attributes = BigInt(options.set);
  const data = options.data.filter((word) => word !== 'newinstance' || type === 'devpts');
  return ['MOUNT', attributes, BigInt(options.propagation), flags, type, destination, ...data];
}

/**
 * A read-only bind of a tree is read-only all the way down; a bind that says nothing of propagation is private. A source
 * seen by another container's `/proc/<pid>/root` is mounted there alone, and taken from its mount namespace.
 */
function bind(source: string, destination: string, options: MountOptions): Operation {
  const tree = options.flags & MOUNTFLAG.RECURSIVE ? MOUNTFLAG.RECURSIVE_ATTRIBUTES : 0;
  const silent = options.propagation === 0 ? MOUNTFLAG.RECURSIVE_PROPAGATION : 0;
  const propagation = options.propagation === 0 ? MS.PRIVATE : options.propagation;
  const [, peer, path] = /^\/proc\/(\d+)\/root(\/.*)$/.exec(source) ?? [];
  return [
    'BIND',
    BigInt(options.set),
    BigInt(options.clear),
    BigInt(propagation),
    options.flags | tree | silent | inProc(destination),
    path ?? source,
    destination,
    peer === undefined ? '' : `/proc/${peer}/ns/mnt`,
  ];
}

/** The container's own groups, each in its hierarchy's place; read-only once they are there. */
function cgroupMount(
  { destination }: RuntimeMount,
  options: MountOptions,
  views: readonly CgroupView[],
): Operation[] {
  const bound = (view: CgroupView): Operation =>
    bind(view.directory, join(destination, view.name), { ...options, flags: 0, propagation: 0, data: [] });
  const [only] = views;
  if (only?.name === '') return [bound(only)];
  const readonly = options.set & MOUNT_ATTR.RDONLY;
  const attributes = BigInt(options.set & ~MOUNT_ATTR.RDONLY);
  const links = views.flatMap(({ name }) =>
    name.includes(',')
      ? name.split(',').map((part): Operation => ['SYMLINK', name, join(destination, part)])
      : [],
  );
  return [
    ['MOUNT', attributes, BigInt(MS.PRIVATE), 0, 'tmpfs', destination, 'mode=755'],
    ...views.map(bound),
    ...links,
    ...(readonly ? [['ATTRIBUTES', BigInt(readonly), 0n, destination] satisfies Operation] : []),
  ];
}
