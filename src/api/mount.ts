import { boolean, integer, list, map, object, oneOf, type Static, string } from './schema.ts';

export type MountType = 'bind' | 'volume' | 'image' | 'tmpfs' | 'npipe' | 'cluster';

/** An element of `HostConfig.Mounts`. */
export type Mount = Static<typeof Mount>;
export const Mount = object({
  Target: string,
  Source: string,
  Type: oneOf<MountType>('bind', 'volume', 'image', 'tmpfs', 'npipe', 'cluster'),
  ReadOnly: boolean,
  Consistency: string,
  BindOptions: object({
    Propagation: oneOf('private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'),
    NonRecursive: boolean,
    CreateMountpoint: boolean,
    ReadOnlyNonRecursive: boolean,
    ReadOnlyForceRecursive: boolean,
  }),
  VolumeOptions: object({
    NoCopy: boolean,
    Labels: map(string),
    DriverConfig: object({ Name: string, Options: map(string) }),
    Subpath: string,
  }),
  ImageOptions: object({ Subpath: string }),
  TmpfsOptions: object({ SizeBytes: integer, Mode: integer, Options: list(list(string)) }),
});

/** A mount as a container has it: `Mounts` of inspect. */
export interface MountPoint {
  readonly Type: MountType;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
}
