import type { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import type { Events } from '#events/index.ts';
import type { Images } from '#image/images.ts';
import type { Networks } from '#network/networks.ts';
import type { ContainerFormat } from '#runtime/format.ts';
import type { Snapshotter } from '#snapshot/snapshotter.ts';
import type { Paths } from '#state/paths.ts';
import type { Volumes } from '#volume/index.ts';
import type { StepReport } from './containers.ts';
import type { HostFacts } from './spec/host.ts';
import type { ContainerStore } from './store.ts';

/** What the verbs of this room work with: the rooms below, and what they share among themselves. */
export interface Rooms {
  readonly store: ContainerStore;
  /** One writer per container: held across check, act and record. */
  readonly locks: KeyedLock;
  readonly paths: Paths;
  readonly snapshotter: Snapshotter;
  readonly images: Pick<Images, 'get' | 'find' | 'holdLayers' | 'collectLayers'>;
  readonly networks: Networks;
  readonly runtime: ContainerFormat;
  readonly volumes: Volumes;
  readonly events: Events;
  readonly facts: HostFacts;
  readonly log: Log;
  readonly now: () => Date;
  readonly report: (report: StepReport) => void;
  /** Set once the engine closes: nothing starts any more. */
  readonly closing: AbortSignal;
}
