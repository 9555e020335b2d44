import type { ContainerConfig, ContainerCreateRequest, HostConfig } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { parsePortKey, parsePortRange } from '../ports.ts';
import { peerOf } from '../spec/namespaces.ts';

/** Checks networking options against one another. @throws {EngineError} `invalid` in Docker's words */
export function checkNetwork(request: ContainerCreateRequest, host: HostConfig): void {
  const mode = host.NetworkMode ?? '';
  if (mode === 'container:' || mode === 'container')
    throw invalid('invalid container format container:<name|id>');
  if (peerOf(mode) !== undefined) checkShared(request, host);
  if (host.UTSMode === 'host' && request.Hostname)
    throw invalid('conflicting options: hostname and the UTS mode');
  checkEndpoints(request, mode);
  checkPorts(request, host);
}

/** The network of another container is that container's to configure. */
function checkShared(request: ContainerConfig, host: HostConfig): void {
  const conflicts: readonly (readonly [boolean, string])[] = [
    [Boolean(request.Hostname), 'hostname and the network mode'],
    [(host.Dns ?? []).length > 0, 'dns and the network mode'],
    [(host.ExtraHosts ?? []).length > 0, 'custom host-to-IP mapping and the network mode'],
    [Boolean(request.MacAddress), 'mac-address and the network mode'],
    [
      Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts === true,
      'port publishing and the container type network mode',
    ],
    [Object.keys(request.ExposedPorts ?? {}).length > 0, 'port exposing and the container type network mode'],
  ];
  for (const [isSet, what] of conflicts) if (isSet) throw invalid(`conflicting options: ${what}`);
}

/** Whether it names a network that somebody has made. */
export const isUserDefined = (mode = ''): boolean =>
  !['', 'default', 'bridge', 'host', 'none'].includes(mode) && peerOf(mode) === undefined;

function checkEndpoints({ NetworkingConfig: networking }: ContainerCreateRequest, mode: string): void {
  for (const [name, endpoint] of Object.entries(networking?.EndpointsConfig ?? {})) {
    const address = endpoint?.IPAMConfig?.IPv4Address;
    if (
      address &&
      !isUserDefined(mode) &&
      (name === mode || ['default', 'bridge', 'host', 'none'].includes(name))
    )
      throw invalid(
        'invalid network config: user specified IP address is supported on user defined networks only',
      );
    if (address && !/^(\d{1,3}\.){3}\d{1,3}$/.test(address))
      throw invalid(`invalid IPv4 address: ${address}`);
  }
}

function checkPorts({ ExposedPorts: exposed }: ContainerConfig, host: HostConfig): void {
  for (const key of Object.keys(exposed ?? {})) parsePortKey(key);
  for (const [key, bindings] of Object.entries(host.PortBindings ?? {})) {
    parsePortKey(key);
    for (const { HostPort: port = '' } of bindings ?? []) parsePortRange(port);
  }
}
