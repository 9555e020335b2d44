import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { HostConfig } from '#api/index.ts';
import { EngineError, messageOf } from '#base/errors.ts';
import { hostsFile, hostsFileOfHost, withAddresses } from '#network/hosts-file.ts';
import type { Endpoint, Sandbox } from '#network/networks.ts';
import {
  hostResolvConf,
  type NameServer,
  nameServers,
  namesOnlyStub,
  type ResolverOptions,
  resolvConf,
  resolvedResolvConf,
} from '#network/resolv-conf.ts';
import type { Container } from './container.ts';
import { resolvesByEngine } from './networking.ts';
import type { ContainerRecord } from './record.ts';
import type { Rooms } from './rooms.ts';
import type { HostFacts } from './spec/host.ts';
import type { NetworkFiles } from './spec/mounts.ts';
import { peerOf } from './spec/namespaces.ts';

/** Where a container's hostname, hosts and resolv.conf are: with `container:` networking, the other's. */
export function networkFiles(
  record: ContainerRecord,
  { paths, store }: Pick<Rooms, 'paths' | 'store'>,
): NetworkFiles {
  const peer = peerOf(record.hostConfig.NetworkMode);
  const id = peer === undefined ? record.id : store.get(peer).id;
  return {
    resolvConf: paths.containerRunFile(id, 'resolv.conf'),
    hostname: paths.containerRunFile(id, 'hostname'),
    hosts: paths.containerRunFile(id, 'hosts'),
  };
}

/** The same when they are there. */
export function findNetworkFiles(
  record: ContainerRecord,
  rooms: Pick<Rooms, 'paths' | 'store'>,
): NetworkFiles | undefined {
  try {
    const files = networkFiles(record, rooms);
    return existsSync(files.hosts) ? files : undefined;
  } catch (error) {
    // The container whose network it shares is gone.
    if (error instanceof EngineError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

/** Writes them anew, for the addresses of this start. They are bind-mounted, so each is written in place. */
export function writeNetworkFiles({ record }: Container, sandbox: Sandbox | undefined, rooms: Rooms): void {
  if (peerOf(record.hostConfig.NetworkMode) !== undefined) return;
  mkdirSync(rooms.paths.containerRun(record.id), { recursive: true, mode: 0o700 });
  writeFilesOf(record, { files: networkFiles(record, rooms), sandbox, facts: rooms.facts });
}

/** Beyond this a container has made its file something else. */
const longestHosts = 1 << 20;

/**
 * Tells the files of a running container of its other addresses; what it has written in /etc/hosts itself stays. With its
 * first network of a user its names are resolved there, as dockerd has it.
 */
export function followAddresses(
  { record, id }: Container,
  { before, after }: { readonly before: readonly Endpoint[]; readonly after: readonly Endpoint[] },
  rooms: Rooms,
): void {
  const files = networkFiles(record, rooms);
  const { hosts } = files;
  try {
    if (!resolvesByEngine(record, before) && resolvesByEngine(record, after))
      writeFileSync(files.resolvConf, resolvText(record, rooms.facts, true));
    if (statSync(hosts).size > longestHosts) return;
    const text = readFileSync(hosts, 'utf8');
    const addresses = addressesOf(after);
    const followed = withAddresses(text, { ...namesOf(record), addresses }, addressesOf(before));
    if (followed !== text) writeFileSync(hosts, followed);
  } catch (error) {
    rooms.log.warn('cannot write /etc/hosts or /etc/resolv.conf', { id, error: messageOf(error) });
  }
}

const addressesOf = (endpoints: readonly Endpoint[]): string[] =>
  endpoints.map(({ address }) => address).filter((address) => address !== '');

const namesOf = ({ config }: ContainerRecord) => ({
  hostname: config.Hostname ?? '',
  ...(config.Domainname ? { domainname: config.Domainname } : {}),
});

/** The same for what is no container, but is like one. */
export function writeFilesOf(
  record: ContainerRecord,
  { files, sandbox, facts }: { files: NetworkFiles; sandbox: Sandbox | undefined; facts: HostFacts },
): void {
  writeFileSync(files.hostname, `${record.config.Hostname ?? ''}\n`, { mode: 0o644 });
  writeFileSync(files.hosts, hostsText(record, sandbox), { mode: 0o644 });
  const embedded = resolvesByEngine(record, sandbox?.endpoints ?? []);
  writeFileSync(files.resolvConf, resolvText(record, facts, embedded), { mode: 0o644 });
}

function hostsText(record: ContainerRecord, sandbox: Sandbox | undefined): string {
  const { hostConfig } = record;
  const endpoints = sandbox?.endpoints.filter(({ address }) => address !== '') ?? [];
  const gateway = endpoints.find((endpoint) => endpoint.gateway !== '')?.gateway;
  const extra = {
    extraHosts: hostConfig.ExtraHosts ?? [],
    ...(gateway === undefined ? {} : { hostGateway: gateway }),
  };
  if (hostConfig.NetworkMode === 'host') return hostsFileOfHost(textOf('/etc/hosts'), extra);
  return hostsFile({
    ...namesOf(record),
    addresses: endpoints.map(({ address }) => address),
    ...extra,
  });
}

function resolvText({ hostConfig }: ContainerRecord, facts: HostFacts, embedded: boolean): string {
  const hostNetwork = hostConfig.NetworkMode === 'host';
  return resolvConf(hostText(hostNetwork), { ...askedOf(hostConfig, facts), hostNetwork, embedded });
}

/** Whom the engine asks for a container whose names it resolves. */
export const serversOf = ({ hostConfig }: ContainerRecord, facts: HostFacts): readonly NameServer[] =>
  nameServers(hostText(false), askedOf(hostConfig, facts));

function hostText(hostNetwork: boolean): string {
  const own = textOf(hostResolvConf);
  return !hostNetwork && namesOnlyStub(own) ? textOf(resolvedResolvConf) || own : own;
}

const askedOf = (hostConfig: HostConfig, facts: HostFacts): ResolverOptions => ({
  servers: firstOf(hostConfig.Dns, facts.dns),
  search: firstOf(hostConfig.DnsSearch, facts.dnsSearch),
  options: firstOf(hostConfig.DnsOptions, facts.dnsOptions),
});

const firstOf = (
  own: readonly string[] | undefined,
  otherwise: readonly string[] | undefined,
): readonly string[] => (own?.length ? own : (otherwise ?? []));

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
