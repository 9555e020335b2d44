import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { exchange } from '../../../test/fixtures/registry-conformance.ts';
import { basicOf, startHubRegistry } from '../../../test/fixtures/registry-conformance-hub.ts';

test('what a pusher asks for is there for its manifest, however short the grace of a collection', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'hub-renewal-'));
  context.after(() => rm(directory, { recursive: true }));
  const clock = { at: Date.now() };
  await using hub = await startHubRegistry({
    ...{ directory, users: ['alice'], now: () => new Date(clock.at) },
  });
  const as = (method: string, path: string, body?: string) =>
    exchange({ host: hub.host, authorization: basicOf('alice') }, { method, path, ...(body && { body }) });
  const blobs = ['asked for', 'pulled', 'left alone'];
  for (const text of blobs) await as('POST', `/v2/alice/app/blobs/uploads/?digest=${digestOf(text)}`, text);
  clock.at += 60_000;
  const path = (text: string) => `/v2/alice/app/blobs/${digestOf(text)}`;
  assert.equal((await as('HEAD', path('asked for'))).status, 200);
  assert.equal((await as('GET', path('pulled'))).status, 200);
  const before = new Date(clock.at - 30_000).toISOString();
  assert.equal(await hub.rooms.records.collection.dropUnreferencedLinks({ before }), 2);
  assert.equal((await as('HEAD', path('asked for'))).status, 200);
  assert.equal((await as('HEAD', path('pulled'))).status, 404);
});
