import type { Log } from '#base/log.ts';
import type { Images } from '#image/images.ts';
import type { Networks, Sandbox } from '#network/networks.ts';
import type { NameServer } from '#network/resolv-conf.ts';
import type { RuntimeSpec } from '#oci/runtime-spec.ts';
import type { ContainerFormat } from '#runtime/format.ts';
import type { Snapshotter } from '#snapshot/snapshotter.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';
import type { StepRequest, StepSurroundings } from './run-step.ts';

/** What steps run on: the rooms below, and how a container's spec is made, which a room above knows. */
export interface StepRooms {
  readonly database: Database;
  readonly paths: Paths;
  readonly snapshotter: Snapshotter;
  readonly images: Pick<Images, 'storeLayer' | 'holdLayers'>;
  readonly networks: Pick<Networks, 'attach' | 'settle' | 'serveNames' | 'release'>;
  readonly runtime: ContainerFormat;
  readonly specs: StepSpecs;
  readonly log: Log;
}

/** Containers' own specs, for steps: the same limits, masks, filters and files. */
export interface StepSpecs {
  /** The control group of a step, beneath each controller's mount point. */
  cgroupPath(id: string, surroundings: StepSurroundings): string;
  /** The network that a name of a request means: `default` is the engine's own. */
  network(name: string): string;
  /** Of `container:NAME`: the container whose network a step joins. @throws `notFound`, `conflict` when it does not run */
  peer(network: string): Promise<StepPeer | undefined>;
  /** Who answers what the network of a step does not know; undefined where the engine resolves no names. */
  nameServers(network: string): readonly NameServer[] | undefined;
  /** @throws `invalid` for limits that the host cannot keep */
  check(surroundings: StepSurroundings): void;
  /** Writes the step's hosts, hostname and resolv.conf into its folder, and gives its spec. @throws `invalid`: no such user */
  spec(input: StepSpecInput): RuntimeSpec;
  /** Absolute paths that every start mounts on and may have to make. */
  readonly mountPoints: readonly string[];
}

/** A running container whose network, hosts and resolv.conf a step has. */
export interface StepPeer {
  readonly pid: number;
  readonly hosts: string;
  readonly resolvConf: string;
}

export interface StepSpecInput {
  readonly request: Omit<StepRequest, 'mounts' | 'output' | 'signal'>;
  readonly env: readonly string[];
  readonly mounts: readonly SpecMount[];
  /** The mounted root, where users are looked up. */
  readonly rootfs: number;
  /** Absent where the network is another container's. */
  readonly sandbox: Sandbox | undefined;
  readonly peer: StepPeer | undefined;
  /** The step's own. */
  readonly folder: string;
}

/** A mount of the step's at its place: of a host path, or a file system in memory. */
export interface SpecMount {
  readonly destination: string;
  /** A host path; absent: a tmpfs. */
  readonly source?: string;
  readonly writable: boolean;
  /** Of a tmpfs. */
  readonly options?: readonly string[];
}
