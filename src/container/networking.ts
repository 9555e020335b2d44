import type { AttachRequest } from '#network/networks.ts';
import { portRequests } from './ports.ts';
import type { ContainerRecord } from './record.ts';
import { peerOf } from './spec/namespaces.ts';

/** Whether a container has no network namespace that is its own. */
export const sharesNetwork = ({ hostConfig }: ContainerRecord): boolean =>
  hostConfig.NetworkMode === 'host' || peerOf(hostConfig.NetworkMode) !== undefined;

/** The names of the networks that a container joins at its start, the one of the default route first. */
export function networkNames(record: ContainerRecord): readonly string[] {
  const main = record.config.NetworkDisabled === true ? 'none' : (record.hostConfig.NetworkMode ?? 'bridge');
  if (peerOf(main) !== undefined) return [];
  const more = Object.keys(record.endpoints).filter((name) => name !== main && name !== 'default');
  return main === 'none' || main === 'host' ? [main] : [main, ...more];
}

/** What to ask of the networks; undefined when the network is another's. */
export function attachRequest(record: ContainerRecord): AttachRequest | undefined {
  const names = networkNames(record);
  if (names.length === 0) return undefined;
  return {
    containerId: record.id,
    networks: names.map((network) => {
      const asked =
        record.endpoints[network] ?? (network === names[0] ? record.endpoints['default'] : undefined);
      const mac = asked?.MacAddress || (network === names[0] ? record.config.MacAddress : undefined);
      return {
        network,
        ...(asked?.IPAMConfig?.IPv4Address ? { address: asked.IPAMConfig.IPv4Address } : {}),
        ...(mac ? { macAddress: mac } : {}),
        ...(asked?.Aliases?.length ? { aliases: asked.Aliases } : {}),
      };
    }),
    ports: names[0] === 'none' || names[0] === 'host' ? [] : portRequests(record.config, record.hostConfig),
  };
}
