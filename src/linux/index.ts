/**
 * linux: the one room that speaks to the kernel, in verbs with typed arguments.
 *
 * Nouns: mounts (`mount.ts`), files beneath a hostile root (`files.ts`, `xattr.ts`), cgroups of version 1, hybrid and 2
 * behind one interface (`cgroup.ts`), seccomp profiles compiled to BPF (`seccomp.ts`), capabilities, host facts.
 *
 *     const root = mountDetached('overlay', [['lowerdir+', layer], ['upperdir', upper]], MOUNT_ATTR.NODEV);
 *
 * Every call that fails throws an EngineError with its errno. Constants stand beside their calls with the header they
 * come from; numbers of calls in `numbers.ts`. Called by snapshot, runtime, volume, network and engine; imports base, and
 * from oci the runtime specification's words for limits and filters. It knows nothing of images or containers.
 */
export * from './bytes.ts';
export * from './capabilities.ts';
export {
  type Cgroup,
  type CgroupFeatures,
  type CgroupStats,
  type Cgroups,
  openCgroups,
} from './cgroup.ts';
export { allDevices, defaultDeviceRules } from './device-rules.ts';
export * from './files.ts';
export * from './host.ts';
export * from './kernel-version.ts';
export * from './mount.ts';
export { nr, type SystemCall } from './numbers.ts';
export { compileSeccomp } from './seccomp.ts';
export { defaultSeccomp } from './seccomp-default.ts';
export { parseSeccompProfile, type SeccompContext } from './seccomp-profile.ts';
export { networkNamespaceOf, type SocketKind, socketIn } from './socket-in.ts';
export * from './sys.ts';
export { connectWithDescriptor } from './unix-socket.ts';
export * from './xattr.ts';
