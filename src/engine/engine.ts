import type { ContainerConfig, SystemDataUsageResponse, SystemInfo, SystemVersion } from '#api/index.ts';
import type { Log } from '#base/log.ts';
import type { Builds } from '#build/index.ts';
import type { Containers } from '#container/containers.ts';
import type { Events } from '#events/index.ts';
import type { Images } from '#image/images.ts';
import type { NetworkDirectory } from '#network/index.ts';
import type { Volumes } from '#volume/index.ts';
import type { Reloadable } from './config.ts';

/** `POST /commit`. */
export interface CommitRequest {
  readonly container: string;
  /** `repository[:tag]` */
  readonly name?: string;
  readonly comment?: string;
  readonly author?: string;
  /** The container is paused meanwhile; true when absent. */
  readonly pause?: boolean;
  readonly changes?: readonly string[];
  /** Instead of the container's own. */
  readonly config?: ContainerConfig;
}

export type UsageKind = 'container' | 'image' | 'volume' | 'build-cache';

/** A container engine in this process. Each room's verbs are its own; here is what takes more than one. */
export interface Engine extends AsyncDisposable {
  readonly containers: Containers;
  readonly images: Images;
  readonly networks: NetworkDirectory;
  readonly volumes: Volumes;
  readonly builds: Builds;
  readonly events: Events;
  readonly log: Log;
  info(): Promise<SystemInfo>;
  version(): SystemVersion;
  /** @param kinds what to count; all when empty */
  dataUsage(kinds?: readonly UsageKind[]): Promise<SystemDataUsageResponse>;
  /** Makes an image of a container's changes. @returns its id */
  commit(request: CommitRequest): Promise<{ readonly Id: string }>;
  /** Takes a whole new set of what may change. */
  reload(change: Reloadable): void;
  /** Stops every container (unless `liveRestore` leaves them running), gives back what this process holds, and ends. */
  close(): Promise<void>;
}
