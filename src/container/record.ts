import type { ContainerConfig, EndpointSettings, HostConfig, MountType } from '#api/index.ts';
import type { Status } from './life.ts';

/** What a container is from its creation on. Only `rename` and `update` replace it, whole. */
export interface ContainerRecord {
  readonly id: string;
  /** Without a slash. */
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly imageId: string;
  /** What the person typed: `Config.Image`. */
  readonly image: string;
  readonly driver: string;
  /** Merged with the image's; in wire form, as are the next two. */
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** The networks that it joins, by name in the order of its interfaces, and what was asked for of each. None when the network is another's. */
  readonly networks: Readonly<Record<string, EndpointSettings>>;
  readonly mounts: readonly ContainerMount[];
}

/** A bind, a volume, an image or a tmpfs at its place in the container: `Mounts` of inspect, and what the spec needs more. */
export interface ContainerMount {
  readonly type: MountType;
  /** Of a volume. */
  readonly name?: string;
  /** A host path; '' of a tmpfs. */
  readonly source: string;
  readonly destination: string;
  readonly driver?: string;
  readonly mode: string;
  readonly rw: boolean;
  readonly propagation: string;
  /** Made for this container alone: removed with it when asked. */
  readonly anonymous?: boolean;
  /** Of a tmpfs: mount options beyond the defaults. */
  readonly tmpfsOptions?: readonly string[];
  readonly nonRecursive?: boolean;
  /** Makes the host path at the start when it is not there: `-v` does, `--mount` does not. */
  readonly createSource?: boolean;
}

/** What changes in a container's life. Zero times are `0001-01-01T00:00:00Z`, as Docker's. */
export interface ContainerStateRecord {
  readonly status: Status;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly error: string;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** A person stopped it: `unless-stopped` stays down after a reboot, and no policy restarts it. */
  readonly stoppedByHand: boolean;
  /** Whether a removal that is under way takes anonymous volumes too: for the boot that finishes it. */
  readonly removesVolumes: boolean;
  /** Of the init process in the host; 0 when there is none. */
  readonly pid: number;
}

export const zeroTime = '0001-01-01T00:00:00Z';

export const newState: ContainerStateRecord = {
  status: 'created',
  startedAt: zeroTime,
  finishedAt: zeroTime,
  exitCode: 0,
  error: '',
  oomKilled: false,
  restartCount: 0,
  stoppedByHand: false,
  removesVolumes: false,
  pid: 0,
};

/** The command line, as inspect's `Path` and `Args`. */
export function commandOf(config: ContainerConfig): readonly string[] {
  return [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
}
