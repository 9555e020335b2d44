import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { audited } from '../../../test/fixtures/hub-records/seed.ts';
import { noise } from '../../../test/fixtures/images.ts';
import { publish } from '../../../test/fixtures/registry.ts';
import { basicOf } from '../../../test/fixtures/registry-conformance-hub.ts';
import {
  blob,
  codeOf,
  image,
  peopledHub,
  type Who,
} from '../../../test/fixtures/registry-conformance-people.ts';

const at = peopledHub();
const { as } = at;

suite('what a plan has no room for', () => {
  const planOf = (user: string, bytes: number | null, repositories: number | null = null) => {
    const { database: records } = at.hub.rooms;
    records.run(
      'INSERT OR REPLACE INTO plan (id, name, private_repositories, private_bytes) VALUES (?1, ?1, ?, ?)',
      ...[`of-${user}`, repositories, bytes],
    );
    records.run('UPDATE account SET plan_id = ? WHERE name = ?', `of-${user}`, user);
  };
  const used = (user: string) =>
    at.hub.rooms.database.get<{ private_bytes: number }>(
      'SELECT private_bytes FROM account WHERE name = ?',
      user,
    )!.private_bytes;
  const leftovers = async () => [
    ...at.hub.rooms.database.all(
      "SELECT id FROM upload WHERE repository_id = (SELECT id FROM repository WHERE full_name = 'erin/app')",
    ),
  ];

  test('is refused before it comes, and is cut where it was not said', async () => {
    planOf('erin', 1_500_000);
    const begun = async () =>
      (await as({ name: 'erin' }, { method: 'POST', path: '/v2/erin/app/blobs/uploads/', body: '' })).headers
        .location!;
    at.hub.rooms.database.run('DELETE FROM upload');
    const whole = await as(
      { name: 'erin' },
      { method: 'POST', path: `/v2/erin/app/blobs/uploads/?digest=${digestOf(blob)}`, body: blob },
    );
    assert.equal(whole.status, 201);
    assert.equal(used('erin'), blob.length);

    const large = noise(2_000_000, 9);
    const refused = await as({ name: 'erin' }, { method: 'PATCH', path: await begun(), body: large });
    assert.deepEqual([refused.status, codeOf(refused)], [403, 'DENIED']);
    assert.match(
      refused.body.toString(),
      /erin would hold \d+ bytes in private repositories; its plan allows 1500000/,
    );
    at.hub.rooms.database.run('DELETE FROM upload');

    const streamed = await as(
      { name: 'erin' },
      { method: 'PATCH', path: await begun(), headers: { 'transfer-encoding': 'chunked' }, body: large },
    );
    assert.equal(codeOf(streamed), 'DENIED');
    assert.deepEqual(await leftovers(), []);

    const again = await as(
      { name: 'erin' },
      { method: 'POST', path: `/v2/erin/app2/blobs/uploads/?digest=${digestOf(blob)}`, body: blob },
    );
    assert.equal(again.status, 201, 'what is counted already needs no room');
    assert.equal(used('erin'), blob.length);
  });

  test('races of pushes never go over', async () => {
    planOf('erin', 2_000_000);
    const pushes = Array.from({ length: 8 }, (_, index) => noise(400_000, 50 + index)).map((bytes) =>
      as(
        { name: 'erin' },
        { method: 'POST', path: `/v2/erin/app/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
      ),
    );
    const statuses = (await Promise.all(pushes)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, 201, 403, 403, 403, 403, 403, 403]);
    assert.equal(used('erin'), blob.length + 800_000);
    assert.deepEqual(await leftovers(), []);
    const stored = await Array.fromAsync(at.hub.store.list());
    const known = at.hub.rooms.database
      .all<{ digest: string }>('SELECT digest FROM blob')
      .map(({ digest }) => digest);
    assert.deepEqual(stored.map(({ digest }) => digest).sort(), known.sort(), 'no file that no record has');
  });

  test('is warned of from four fifths on', async () => {
    const warningAt = async (most: number) => {
      planOf('carol', most);
      const name = 'carol/private/deep';
      await publish(`http://${at.hub.host}`, name, 'v1', image, { authorization: basicOf('carol') });
      const { headers } = await as(
        { name: 'carol' },
        {
          method: 'PUT',
          path: `/v2/${name}/manifests/v1`,
          headers: { 'content-type': image.mediaType },
          body: image.manifest,
        },
      );
      return headers.warning;
    };
    await publish(`http://${at.hub.host}`, 'carol/private/deep', 'v1', image, {
      authorization: basicOf('carol'),
    });
    const bytes = used('carol');
    assert.ok(bytes > 0);
    assert.equal(await warningAt(bytes * 2), undefined);
    assert.match(
      String(await warningAt(Math.floor(bytes / 0.8))),
      /^299 - "carol has used 80% of the private storage/,
    );
  });

  test('one more private repository', async () => {
    planOf('dora', null, 0);
    const reply = await as(
      { name: 'dora' },
      { method: 'POST', path: '/v2/dora/app/blobs/uploads/', body: '' },
    );
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'DENIED']);
    assert.match(reply.body.toString(), /dora has 0 private repositories, as many as its plan allows/);
    assert.equal(
      at.hub.rooms.database.get("SELECT 1 FROM repository WHERE full_name = 'dora/app'"),
      undefined,
    );
  });
});

suite('pulls are counted', () => {
  const pull = (who: Who, reference = 'v1', method = 'GET') =>
    as(who, { method, path: `/v2/alice/open/manifests/${reference}` });
  test('strangers by address, HEAD free, refused as Docker Hub does', async () => {
    const { settings } = at.hub.rooms.records;
    const allow = (anonymousPullsPerHour: number) =>
      settings.change((before) => ({ ...before, anonymousPullsPerHour }), audited);
    const first = await pull({});
    const [, left] = /^(\d+);w=3600$/.exec(String(first.headers['ratelimit-remaining']))!;
    assert.equal(first.headers['ratelimit-limit'], '100;w=3600');
    assert.equal(first.headers['docker-ratelimit-source'], '127.0.0.1');
    assert.equal((await pull({}, 'v1', 'HEAD')).headers['ratelimit-remaining'], `${left};w=3600`);
    assert.equal((await pull({}, 'absent')).status, 404);
    assert.equal((await pull({}, image.digest)).headers['ratelimit-remaining'], `${Number(left) - 1};w=3600`);
    await allow(100 - Number(left) + 1);
    const refused = await pull({});
    assert.deepEqual([refused.status, codeOf(refused)], [429, 'TOOMANYREQUESTS']);
    assert.match(String(refused.headers['retry-after']), /^\d+$/);
    assert.equal((await pull({}, 'v1', 'HEAD')).status, 200);
    assert.equal((await pull({ name: 'dora' })).status, 200, 'a person has an allowance of its own');
    await allow(100);
  });
});
