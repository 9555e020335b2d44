import { HostConfig } from './host-config.ts';
import { NetworkingConfig } from './network.ts';
import { boolean, empty, integer, list, map, object, type Static, string, words } from './schema.ts';

/** Durations are nanoseconds; 0 inherits the image's. */
export type HealthConfig = Static<typeof HealthConfig>;
export const HealthConfig = object({
  Test: list(string),
  Interval: integer,
  Timeout: integer,
  Retries: integer,
  StartPeriod: integer,
  StartInterval: integer,
});

const containerConfig = {
  Hostname: string,
  Domainname: string,
  User: string,
  AttachStdin: boolean,
  AttachStdout: boolean,
  AttachStderr: boolean,
  ExposedPorts: map(empty),
  Tty: boolean,
  OpenStdin: boolean,
  StdinOnce: boolean,
  Env: list(string),
  Cmd: words,
  Healthcheck: HealthConfig,
  ArgsEscaped: boolean,
  Image: string,
  Volumes: map(empty),
  WorkingDir: string,
  Entrypoint: words,
  NetworkDisabled: boolean,
  MacAddress: string,
  OnBuild: list(string),
  Labels: map(string),
  StopSignal: string,
  StopTimeout: integer,
  Shell: words,
} as const;

/** What of a container's configuration is the same on any host. An image's `Config` has some of its fields. */
export type ContainerConfig = Static<typeof ContainerConfig>;
export const ContainerConfig = object(containerConfig);

/** The body of `POST /containers/create`. */
export type ContainerCreateRequest = Static<typeof ContainerCreateRequest>;
export const ContainerCreateRequest = object({ ...containerConfig, HostConfig, NetworkingConfig });
