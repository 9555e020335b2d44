/**
 * network: how containers reach one another, the host and the world.
 *
 * Nouns: a network (`bridge`, `host`, `none`, and users' own), an endpoint (one container's attachment to it), a sandbox
 * (a container's network namespace), a plan (the netlink datagrams that make it), a pool and its leases, a published port.
 *
 *     const sandbox = await networks.attach({ containerId, networks: [{ network: 'bridge' }], ports });
 *     // sandbox.plan is played by the runtime; addresses and ports are taken already
 *     await networks.release(containerId);
 *
 * Containers on users' networks resolve names at 127.0.0.11 of their namespaces, which `dns/` answers there (`serveNames`).
 *
 * Rows come before facts: what is attached is in the database before the kernel knows it, and `restore` compares. A
 * container's links are never deleted: they go with its namespace. Called by container and engine.
 */
export { type HostsFile, hostsFile, hostsFileOfHost, withAddresses } from './hosts-file.ts';
export * from './networks.ts';
export { type NetworksOptions, openNetworks } from './open.ts';
export { emptyPlan, loopbackPlan, type NetworkPlan } from './plan.ts';
export type { BridgeOptions } from './predefined.ts';
export {
  hostResolvConf,
  type NameServer,
  nameServers,
  namesOnlyStub,
  type ResolverOptions,
  resolvConf,
  resolvedResolvConf,
} from './resolv-conf.ts';
