import type { ContainerConfig } from './container-config.ts';
import type { HostConfig, PortMap } from './host-config.ts';
import type { OCIDescriptor } from './image.ts';
import type { MountPoint } from './mount.ts';
import type { EndpointSettings } from './network.ts';

export type ContainerStatus =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

export interface ContainerCreateResponse {
  readonly Id: string;
  readonly Warnings: readonly string[];
}

export interface HealthcheckResult {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

export interface Health {
  readonly Status: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly FailingStreak: number;
  readonly Log: readonly HealthcheckResult[];
}

export interface ContainerState {
  readonly Status: ContainerStatus;
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly Restarting: boolean;
  readonly OOMKilled: boolean;
  readonly Dead: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: Health;
}

export interface Address {
  readonly Addr: string;
  readonly PrefixLen: number;
}

export interface NetworkSettings {
  readonly Bridge: string;
  readonly SandboxID: string;
  readonly SandboxKey: string;
  /** A port exposed but not published is `null`. */
  readonly Ports: Readonly<Record<string, PortMap[string] | null>>;
  readonly HairpinMode: boolean;
  readonly LinkLocalIPv6Address: string;
  readonly LinkLocalIPv6PrefixLen: number;
  readonly SecondaryIPAddresses: readonly Address[] | null;
  readonly SecondaryIPv6Addresses: readonly Address[] | null;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly IPv6Gateway: string;
  readonly MacAddress: string;
  readonly Networks: Readonly<Record<string, EndpointReply>>;
}

/** An endpoint as inspect shows it: what is unset is null. */
export type EndpointReply = { readonly [K in keyof EndpointSettings]: EndpointSettings[K] | null };

export interface DriverData {
  readonly Name: string;
  readonly Data: Readonly<Record<string, string>> | null;
}

/** A configuration as inspect shows it: Go's nil lists and maps are null. */
export type Shown<T> = { readonly [K in keyof T]: T[K] | null };

export interface ContainerInspectResponse {
  readonly Id: string;
  readonly Created: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly State: ContainerState;
  readonly Image: string;
  readonly ResolvConfPath: string;
  readonly HostnamePath: string;
  readonly HostsPath: string;
  readonly LogPath: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly Driver: string;
  readonly Platform: string;
  readonly MountLabel: string;
  readonly ProcessLabel: string;
  readonly AppArmorProfile: string;
  readonly ExecIDs: readonly string[] | null;
  readonly HostConfig: Shown<HostConfig>;
  readonly GraphDriver: DriverData;
  readonly ImageManifestDescriptor?: OCIDescriptor;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Mounts: readonly MountPoint[];
  readonly Config: Shown<ContainerConfig>;
  readonly NetworkSettings: NetworkSettings;
}

export interface Port {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: 'tcp' | 'udp' | 'sctp';
}

/** An element of `GET /containers/json`. */
export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly ImageManifestDescriptor?: OCIDescriptor;
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Ports: readonly Port[];
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: ContainerStatus;
  /** For people: `Up 4 hours`. */
  readonly Status: string;
  readonly HostConfig: {
    readonly NetworkMode?: string;
    readonly Annotations?: Readonly<Record<string, string>>;
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointReply>> };
  readonly Mounts: readonly MountPoint[];
}

export interface ContainerWaitResponse {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string };
}

export interface ContainerTopResponse {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

export interface ContainerUpdateResponse {
  readonly Warnings: readonly string[] | null;
}

/** 0 modified, 1 added, 2 deleted. */
export type ChangeType = 0 | 1 | 2;

export interface FilesystemChange {
  readonly Path: string;
  readonly Kind: ChangeType;
}

export interface ContainerPruneResponse {
  readonly ContainersDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}
