import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipWithoutRegistry, startRegistry } from '../fixtures/registry.ts';
import { registryConformance } from '../fixtures/registry-conformance.ts';
import { basicOf, startHubRegistry } from '../fixtures/registry-conformance-hub.ts';

registryConformance('hub', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hub-conformance-'));
  const hub = await startHubRegistry({ directory, users: ['alice'] });
  return {
    name: 'hub',
    host: hub.host,
    authorization: basicOf('alice'),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
      if (hub.errors.length > 0) throw new Error(hub.errors.join(''));
    },
  };
});

registryConformance(
  'docker-registry',
  async () => ({ ...(await startRegistry()), name: 'docker-registry' }),
  skipWithoutRegistry,
);
