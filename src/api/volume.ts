import { any, map, object, type Static, string } from './schema.ts';

/** The body of `POST /volumes/create`. */
export type VolumeCreateOptions = Static<typeof VolumeCreateOptions>;
export const VolumeCreateOptions = object({
  Name: string,
  Driver: string,
  DriverOpts: map(string),
  Labels: map(string),
  ClusterVolumeSpec: any,
});

export interface Volume {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly CreatedAt?: string;
  readonly Status?: Readonly<Record<string, unknown>>;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Scope: 'local' | 'global';
  readonly Options: Readonly<Record<string, string>> | null;
  /** In `GET /system/df` alone; -1 is unknown. */
  readonly UsageData?: { readonly Size: number; readonly RefCount: number };
}

export interface VolumeListResponse {
  readonly Volumes: readonly Volume[];
  readonly Warnings: readonly string[] | null;
}

export interface VolumePruneResponse {
  readonly VolumesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}
