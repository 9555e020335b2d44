import type { DefaultRoute } from '#linux/netlink-route.ts';
import { interfaceIndex } from './plan.ts';
import type { EndpointRecord, NetworkRecord } from './records.ts';

/**
 * The endpoint that gives a container its default route, and that its published ports lead to: of the highest gateway
 * priority, then of the network whose name comes first. A network without a bridge, or an internal one, gives none.
 *
 * @see Engine API 1.48 § EndpointSettings.GwPriority
 */
export function gatewayEndpoint(
  endpoints: readonly EndpointRecord[],
  networkOf: (id: string) => NetworkRecord,
): EndpointRecord | undefined {
  const leading = endpoints
    .map((endpoint) => ({ endpoint, network: networkOf(endpoint.networkId) }))
    .filter(({ network }) => network.bridge !== undefined && !network.internal);
  leading.sort(
    (a, b) =>
      (b.endpoint.gatewayPriority ?? 0) - (a.endpoint.gatewayPriority ?? 0) ||
      (a.network.name < b.network.name ? -1 : 1),
  );
  return leading[0]?.endpoint;
}

/** The default route by an endpoint of a bridge network, in its container. */
export function routeBy({ position }: EndpointRecord, { bridge }: NetworkRecord): DefaultRoute | undefined {
  return bridge && { index: interfaceIndex(position), gateway: bridge.gateway };
}
