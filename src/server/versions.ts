import type {
  BuildCache,
  ContainerCreateRequest,
  ContainerInspectResponse,
  EventMessage,
  HostConfig,
  Mount,
  NetworkSettings,
  SystemDataUsageResponse,
  SystemInfo,
} from '#api/index.ts';
import { invalid } from '#base/errors.ts';

/**
 * What older versions of the API had otherwise, as functions from today's shape and back. Versions are minor numbers.
 *
 * @see Engine API version history
 */

/** Until 1.51 container and image events also carry the fields from before there were actors. */
export async function* legacyEvents(feed: AsyncIterable<EventMessage>): AsyncGenerator<EventMessage> {
  for await (const event of feed) yield legacyEvent(event);
}

function legacyEvent(event: EventMessage): EventMessage {
  if (event.Type !== 'container' && event.Type !== 'image') return event;
  const from = event.Type === 'container' ? event.Actor.Attributes['image'] : undefined;
  return { status: event.Action, id: event.Actor.ID, ...(from && { from }), ...event };
}

/** Before 1.50 `info` tells of a bridge module that is no longer of interest, and clients warn of its lack. */
export const infoFor = (info: SystemInfo, version: number): object =>
  version < 50 ? { ...info, BridgeNfIptables: true, BridgeNfIp6tables: true } : info;

/** Before 1.42 the build cache had its size beside it, and a record of it one parent. */
export function dataUsageFor(usage: SystemDataUsageResponse, version: number): object {
  if (version >= 42) return usage;
  const records = usage.BuildCache ?? [];
  return {
    ...usage,
    BuilderSize: records.reduce((sum, { Size }) => sum + Size, 0),
    BuildCache: usage.BuildCache && records.map(withOneParent),
  };
}

const withOneParent = ({ Parents, ...record }: BuildCache): object =>
  Parents?.length ? { ...record, Parent: Parents[0] } : record;

/** Before 1.44 an image had two sizes, always the same. */
export const imageSummaryFor = <T extends { readonly Size: number }>(row: T, version: number): object =>
  version < 44 ? { ...row, VirtualSize: row.Size } : row;

/** Before 1.50 an image's Config had every field of a container's, at its zero; before 1.45 it had a container. */
export function imageInspectFor<T extends { readonly Size: number; readonly Config: object | null }>(
  image: T,
  version: number,
): object {
  if (version >= 50) return image;
  const config = image.Config === null ? {} : { Config: { ...emptyContainerConfig, ...image.Config } };
  return {
    ...image,
    ...config,
    ...(version < 45 && { Container: '', ContainerConfig: emptyContainerConfig }),
    ...(version < 44 && { VirtualSize: image.Size }),
  };
}

/**
 * The version whose images a client reads. docker-compose 1 asks for whatever version is newest, and reads of an image what
 * 1.45 took away.
 */
export const imageVersionOf = (version: number, userAgent: string | undefined): number =>
  userAgent?.startsWith('docker-compose/1.') ? Math.min(version, 44) : version;

const emptyContainerConfig = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

/**
 * From 1.52 on inspect lacks what is in `Networks` already; today's versions all have it. Before 1.44 a MAC address was the
 * container's, and before 1.45 its short id was among its aliases.
 */
export function inspectFor(details: ContainerInspectResponse, version: number): ContainerInspectResponse {
  if (version >= 45) return details;
  const { NetworkSettings: settings, Config } = details;
  const shown = { ...details, NetworkSettings: withShortId(settings, details.Id.slice(0, 12)) };
  if (version >= 44 || settings.MacAddress === '') return shown;
  return { ...shown, Config: { ...Config, MacAddress: settings.MacAddress } };
}

const withShortId = (settings: NetworkSettings, shortId: string): NetworkSettings => ({
  ...settings,
  Networks: Object.fromEntries(
    Object.entries(settings.Networks).map(([name, endpoint]) => [
      name,
      ['bridge', 'host', 'none'].includes(name)
        ? endpoint
        : { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), shortId])] },
    ]),
  ),
});

/** What a client of an older version means by what it leaves out or cannot know. */
export function createRequestFrom(request: ContainerCreateRequest, version: number): ContainerCreateRequest {
  if (version >= 46 || request.HostConfig === undefined) return request;
  return { ...request, HostConfig: hostConfigFrom(request.HostConfig, version) };
}

function hostConfigFrom(given: HostConfig, version: number): HostConfig {
  const { Annotations: _none, ...host } = given;
  return {
    ...(version < 43 ? host : given),
    ...(version < 40 && !given.IpcMode && { IpcMode: 'shareable' }),
    ...(version < 41 && !given.CgroupnsMode && { CgroupnsMode: 'host' }),
    ...(version < 42 && { ConsoleSize: [0, 0] }),
    ...(given.Mounts && { Mounts: given.Mounts.map((mount) => mountFrom(mount, version)) }),
  };
}

function mountFrom(mount: Mount, version: number): Mount {
  const bind = mount.BindOptions;
  const { Subpath: _none, ...volume } = mount.VolumeOptions ?? {};
  return {
    ...mount,
    ...(version < 44 && mount.Type === 'bind' && { BindOptions: { ...bind, ReadOnlyNonRecursive: true } }),
    ...(version < 45 && mount.VolumeOptions && { VolumeOptions: volume }),
  };
}

/** `linux/arm64/v8`, or the JSON of a platform as some endpoints have it. */
export function platformOf(text: string | undefined): string | undefined {
  if (text === undefined || !text.startsWith('{')) return text;
  try {
    const { os, architecture, variant } = JSON.parse(text) as Record<string, string | undefined>;
    return [os, architecture, variant].filter(Boolean).join('/');
  } catch (cause) {
    throw invalid('failed to parse platform', { cause });
  }
}
