import { boolean, integer, list, map, object, type Static, string } from './schema.ts';

export type EndpointIPAMConfig = Static<typeof EndpointIPAMConfig>;
export const EndpointIPAMConfig = object({
  IPv4Address: string,
  IPv6Address: string,
  LinkLocalIPs: list(string),
});

/** A container's attachment to one network, as asked for and as given. */
export type EndpointSettings = Static<typeof EndpointSettings>;
export const EndpointSettings = object({
  IPAMConfig: EndpointIPAMConfig,
  Links: list(string),
  MacAddress: string,
  Aliases: list(string),
  DriverOpts: map(string),
  GwPriority: integer,
  NetworkID: string,
  EndpointID: string,
  Gateway: string,
  IPAddress: string,
  IPPrefixLen: integer,
  IPv6Gateway: string,
  GlobalIPv6Address: string,
  GlobalIPv6PrefixLen: integer,
  DNSNames: list(string),
});

export type NetworkingConfig = Static<typeof NetworkingConfig>;
export const NetworkingConfig = object({ EndpointsConfig: map(EndpointSettings) });

export type IPAMConfig = Static<typeof IPAMConfig>;
export const IPAMConfig = object({
  Subnet: string,
  IPRange: string,
  Gateway: string,
  AuxiliaryAddresses: map(string),
});

export type IPAM = Static<typeof IPAM>;
export const IPAM = object({ Driver: string, Config: list(IPAMConfig), Options: map(string) });

/** The body of `POST /networks/create`. */
export type NetworkCreateRequest = Static<typeof NetworkCreateRequest>;
export const NetworkCreateRequest = object({
  Name: string,
  CheckDuplicate: boolean,
  Driver: string,
  Scope: string,
  Internal: boolean,
  Attachable: boolean,
  Ingress: boolean,
  ConfigOnly: boolean,
  ConfigFrom: object({ Network: string }),
  IPAM,
  EnableIPv4: boolean,
  EnableIPv6: boolean,
  Options: map(string),
  Labels: map(string),
});

/** The body of `POST /networks/{id}/connect`. */
export type NetworkConnectRequest = Static<typeof NetworkConnectRequest>;
export const NetworkConnectRequest = object({ Container: string, EndpointConfig: EndpointSettings });

/** The body of `POST /networks/{id}/disconnect`. */
export type NetworkDisconnectRequest = Static<typeof NetworkDisconnectRequest>;
export const NetworkDisconnectRequest = object({ Container: string, Force: boolean });

export interface NetworkCreateResponse {
  readonly Id: string;
  readonly Warning: string;
}

export interface NetworkContainer {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

export interface Network {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: string;
  readonly Driver: string;
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: IPAM;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  readonly Containers: Readonly<Record<string, NetworkContainer>>;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface NetworkPruneResponse {
  readonly NetworksDeleted: readonly string[] | null;
}
