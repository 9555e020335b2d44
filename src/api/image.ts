import type { DriverData, Shown } from './container.ts';
import type { ContainerConfig } from './container-config.ts';

export interface OCIPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
}

export interface OCIDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: OCIPlatform;
  readonly artifactType?: string;
}

/** An element of `GET /images/json`. */
export interface ImageSummary {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Size: number;
  /** -1: not computed. */
  readonly SharedSize: number;
  readonly Labels: Readonly<Record<string, string>> | null;
  /** -1: not computed. */
  readonly Containers: number;
  readonly Descriptor?: OCIDescriptor;
}

export interface ImageInspect {
  readonly Id: string;
  readonly Descriptor?: OCIDescriptor;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created?: string;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: Shown<ContainerConfig> | null;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion?: string;
  readonly Size: number;
  /** Until API 1.43. */
  readonly VirtualSize?: number;
  readonly GraphDriver: DriverData;
  readonly RootFS: { readonly Type: string; readonly Layers?: readonly string[] };
  readonly Metadata: { readonly LastTagTime?: string };
}

/** An element of `GET /images/{name}/history`. */
export interface HistoryResponseItem {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: readonly string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

export interface ImageDeleteResponseItem {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

export interface ImagePruneResponse {
  readonly ImagesDeleted: readonly ImageDeleteResponseItem[] | null;
  readonly SpaceReclaimed: number;
}

/** One line of a progress stream: pull, push, load, import, build. */
export interface JSONMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number; readonly units?: string };
  readonly progress?: string;
  readonly id?: string;
  readonly from?: string;
  readonly time?: number;
  readonly timeNano?: number;
  readonly errorDetail?: { readonly code?: number; readonly message: string };
  readonly error?: string;
  readonly aux?: unknown;
}
