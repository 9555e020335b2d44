import type { MountPoint } from '#api/index.ts';
import type { ContainerRecord } from '../record.ts';

/** `Mounts` of inspect and list. Those of `--tmpfs` are in HostConfig alone, as with Docker. */
export function mountPoints({ mounts, hostConfig }: ContainerRecord): readonly MountPoint[] {
  const plain = new Set(Object.keys(hostConfig.Tmpfs ?? {}));
  return mounts
    .filter((mount) => mount.type !== 'tmpfs' || !plain.has(mount.destination))
    .map((mount) => ({
      Type: mount.type,
      ...(mount.name === undefined ? {} : { Name: mount.name }),
      Source: mount.source,
      Destination: mount.destination,
      ...(mount.driver === undefined ? {} : { Driver: mount.driver }),
      Mode: mount.mode,
      RW: mount.rw,
      Propagation: mount.propagation,
    }));
}
