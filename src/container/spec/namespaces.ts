import type { HostConfig } from '#api/index.ts';
import type { NamespaceType, RuntimeLinux } from '#oci/runtime-spec.ts';

/** The init processes of the containers whose namespaces are joined. */
export interface Peers {
  readonly network?: number;
  readonly pid?: number;
  readonly ipc?: number;
}

type Namespaces = RuntimeLinux['namespaces'];

/** The id or name in `container:web`. */
export function peerOf(mode: string | undefined): string | undefined {
  return mode?.startsWith('container:') ? mode.slice('container:'.length) : undefined;
}

/**
 * The namespaces of a container, in Docker's order; one that is the host's is not listed.
 *
 * `none`, `private` and `shareable` IPC are all a namespace of its own: they differ in /dev/shm.
 */
export function namespaces(host: HostConfig, peers: Peers): Namespaces {
  const own = (type: NamespaceType) => ({ type });
  const joined = (type: NamespaceType, pid: number | undefined, file: string) =>
    pid === undefined ? [own(type)] : [{ type, path: `/proc/${pid}/ns/${file}` }];
  return [
    own('mount'),
    ...(host.NetworkMode === 'host' ? [] : joined('network', peers.network, 'net')),
    ...(host.UTSMode === 'host' ? [] : [own('uts')]),
    ...(host.PidMode === 'host' ? [] : joined('pid', peers.pid, 'pid')),
    ...(host.IpcMode === 'host' ? [] : joined('ipc', peers.ipc, 'ipc')),
    ...(host.CgroupnsMode === 'host' ? [] : [own('cgroup')]),
  ];
}
