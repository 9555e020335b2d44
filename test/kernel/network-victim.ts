import { openNetworks, type PortRequest } from '#network/index.ts';
import { Database } from '#state/index.ts';

/**
 * A process that opens networks on a database, attaches containers, prints their plans as one line of JSON, and is killed.
 *
 *     node network-victim.ts DATABASE '[{ "id": "web", "ports": [] }]'
 */
const [path = '', requests = '[]'] = process.argv.slice(2);
const networks = openNetworks({ database: new Database(path) });
const wanted = JSON.parse(requests) as { id: string; ports: PortRequest[]; released?: boolean }[];
await networks.restore(new Set());
const plans = [];
for (const { id, ports, released } of wanted) {
  const { plan } = await networks.attach({ containerId: id, networks: [{ network: 'bridge' }], ports });
  if (released) await networks.release(id);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  plans.push({
    host: plan.host.map(({ bytes, netnsFdOffset }) => ({ bytes: hex(bytes), netnsFdOffset })),
    inner: plan.inner.map(hex),
  });
}
process.stdout.write(`${JSON.stringify(plans)}\n`);
setInterval(() => undefined, 1000);
