import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { digestOf } from '#oci/digest.ts';
import { limited } from '../../../test/fixtures/hub-records/limits.ts';
import { audited, personOf } from '../../../test/fixtures/hub-records/seed.ts';
import { noise } from '../../../test/fixtures/images.ts';
import { publish } from '../../../test/fixtures/registry.ts';
import type { Sent } from '../../../test/fixtures/registry-conformance.ts';
import { basicOf } from '../../../test/fixtures/registry-conformance-hub.ts';
import {
  blob,
  codeOf,
  image,
  peopledHub,
  type Who,
} from '../../../test/fixtures/registry-conformance-people.ts';
import { mostUploads } from './upload-sessions.ts';

const at = peopledHub();
const { as } = at;

suite('what a plan has no room for', () => {
  const planOf = (user: string, privateBytes: number | undefined, privateRepositories?: number) =>
    limited(at.hub.rooms.records, user, {
      ...(privateBytes !== undefined && { privateBytes }),
      ...(privateRepositories !== undefined && { privateRepositories }),
    });
  const used = async (user: string) => {
    const { records } = at.hub.rooms;
    const { id } = (await records.accounts.find(user))!;
    return (await records.usage.ofAccount(id, { largest: 0 }))!.privateBytes;
  };
  const leftovers = () => at.hub.database.all('SELECT id FROM upload');
  const forgotten = () => at.hub.database.run('DELETE FROM upload');

  test('is refused before it comes, and is cut where it was not said', async () => {
    await planOf('erin', 1_500_000);
    const begun = async () =>
      (await as({ name: 'erin' }, { method: 'POST', path: '/v2/erin/app/blobs/uploads/', body: '' })).headers
        .location!;
    forgotten();
    const whole = await as(
      { name: 'erin' },
      { method: 'POST', path: `/v2/erin/app/blobs/uploads/?digest=${digestOf(blob)}`, body: blob },
    );
    assert.equal(whole.status, 201);
    assert.equal(await used('erin'), blob.length);

    const large = noise(2_000_000, 9);
    const refused = await as({ name: 'erin' }, { method: 'PATCH', path: await begun(), body: large });
    assert.deepEqual([refused.status, codeOf(refused)], [403, 'DENIED']);
    assert.match(
      refused.body.toString(),
      /erin would hold \d+ bytes in private repositories; its plan allows 1500000/,
    );
    forgotten();

    const streamed = await as(
      { name: 'erin' },
      { method: 'PATCH', path: await begun(), headers: { 'transfer-encoding': 'chunked' }, body: large },
    );
    assert.equal(codeOf(streamed), 'DENIED');
    assert.deepEqual(leftovers(), []);

    const again = await as(
      { name: 'erin' },
      { method: 'POST', path: `/v2/erin/app2/blobs/uploads/?digest=${digestOf(blob)}`, body: blob },
    );
    assert.equal(again.status, 201, 'what is counted already needs no room');
    assert.equal(await used('erin'), blob.length);
  });

  test('races of pushes never go over', async () => {
    await planOf('erin', 2_000_000);
    const pushes = Array.from({ length: 8 }, (_, index) => noise(400_000, 50 + index)).map((bytes) =>
      as(
        { name: 'erin' },
        { method: 'POST', path: `/v2/erin/app/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
      ),
    );
    const statuses = (await Promise.all(pushes)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, 201, 403, 403, 403, 403, 403, 403]);
    assert.equal(await used('erin'), blob.length + 800_000);
    assert.deepEqual(leftovers(), []);
    const stored = await Array.fromAsync(at.hub.store.list());
    const unknown = await at.hub.rooms.records.collection.unknownBlobs(stored.map(({ digest }) => digest));
    assert.deepEqual(unknown, [], 'no file that no record has');
  });

  test('is no room for uploads that do not end, wherever they are', async () => {
    forgotten();
    const held = await used('erin');
    await planOf('erin', held + 1_000_000);
    const erin = (sent: Sent) => as({ name: 'erin' }, sent);
    const begun = async (repository: string) =>
      (await erin({ method: 'POST', path: `/v2/erin/${repository}/blobs/uploads/`, body: '' })).headers
        .location!;
    const first = await begun('app');
    assert.equal((await erin({ method: 'PATCH', path: first, body: noise(600_000, 70) })).status, 202);
    const body = noise(500_000, 71);
    for (const sent of [
      { method: 'PATCH', path: await begun('app2'), body },
      { method: 'POST', path: `/v2/erin/app/blobs/uploads/?digest=${digestOf(body)}`, body },
    ]) {
      const refused = await erin(sent);
      assert.deepEqual([refused.status, codeOf(refused)], [403, 'DENIED']);
      assert.match(refused.body.toString(), /with 600000 of uploads that are not finished; its plan allows/);
    }
    // what came of one that broke off is there too
    const broken = await begun('app2');
    const socket = connect(at.hub.port, '127.0.0.1');
    await once(socket, 'connect');
    const head = `PATCH ${broken} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicOf('erin')}\r\nContent-Length: 400000\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, 300_000)]));
    await setTimeout(100);
    socket.destroy();
    const { records, access } = at.hub.rooms;
    const owner = personOf((await records.users.find('erin'))!);
    const { repository } = (await access.find(owner, 'erin/app'))!;
    const unfinished = async () => (await records.uploads.room(repository))?.unfinished ?? 0;
    while ((await unfinished()) <= 600_000) await setTimeout(5);
    assert.ok((await unfinished()) <= 900_000);
    assert.equal((await erin({ method: 'DELETE', path: first })).status, 204);
    assert.equal((await erin({ method: 'DELETE', path: broken })).status, 204);
    const again = await erin({ method: 'PATCH', path: await begun('app'), body });
    assert.equal(again.status, 202, 'what is cancelled needs no room');
    forgotten();
  });

  test('takes the room of uploads that nobody has added to for long, where it is needed', async () => {
    forgotten();
    await planOf('erin', (await used('erin')) + 1_000_000);
    const erin = (sent: Sent) => as({ name: 'erin' }, sent);
    const begun = async (repository: string) =>
      (await erin({ method: 'POST', path: `/v2/erin/${repository}/blobs/uploads/`, body: '' })).headers
        .location!;
    const [idle, growing] = [await begun('app'), await begun('app2')];
    for (const path of [idle, growing])
      assert.equal((await erin({ method: 'PATCH', path, body: noise(400_000, 72) })).status, 202);
    const idOf = (location: string) => location.split('/').at(-1)!;
    // as after ten minutes, in which bytes came to the one that are not recorded yet
    const { database, store } = at.hub;
    database.run("UPDATE upload SET updated_at = '2020-01-01T00:00:00.000Z'");
    await (await store.open(idOf(growing)))!.append(Readable.from([noise(1000, 73)]));
    const fits = await erin({ method: 'PATCH', path: await begun('app'), body: noise(100_000, 74) });
    assert.equal(fits.status, 202, 'there is room for that');
    assert.equal((await erin({ method: 'GET', path: idle })).status, 204);
    const pushed = await erin({ method: 'PATCH', path: await begun('app'), body: noise(300_000, 75) });
    assert.equal(pushed.status, 202);
    assert.equal((await erin({ method: 'GET', path: idle })).status, 404);
    assert.equal(await store.open(idOf(idle)), undefined, 'its bytes are gone');
    assert.equal((await erin({ method: 'GET', path: growing })).status, 204);
    const refused = await erin({ method: 'PATCH', path: await begun('app'), body: noise(300_000, 76) });
    assert.equal(codeOf(refused), 'DENIED', 'the others are not idle');
    forgotten();
  });

  test('is no room for many that come at once, each of which would fit', async () => {
    const held = await used('erin');
    const size = 40 << 20;
    await planOf('erin', held + size + 1000);
    const piece = noise(1 << 20, 72);
    const send = async (repository: string) => {
      const { headers } = await as(
        { name: 'erin' },
        { method: 'POST', path: `/v2/erin/${repository}/blobs/uploads/`, body: '' },
      );
      const sent = await fetch(`http://${at.hub.host}${headers.location}`, {
        ...{ method: 'PATCH', headers: { authorization: basicOf('erin') }, duplex: 'half' },
        body: ReadableStream.from(Array.from({ length: size >> 20 }, () => piece)),
      });
      await sent.arrayBuffer();
      return sent.status;
    };
    const statuses = await Promise.all(['app', 'app2', 'app'].map(send));
    assert.ok(statuses.filter((status) => status === 202).length <= 1, `${statuses}`);
    assert.ok(statuses.includes(403), `${statuses}`);
    forgotten();
  });

  test('nor are there more uploads at once than anybody needs', async () => {
    const { records, access } = at.hub.rooms;
    const alice = (await records.users.find('alice'))!;
    const { repository } = (await access.find(personOf(alice), 'alice/secret'))!;
    for (let count = 0; count < mostUploads; count += 1)
      await records.uploads.begin(
        repository,
        { id: `many${count}`, accountId: alice.id },
        { most: mostUploads },
      );
    const begin = (name: string) =>
      as({ name: 'alice' }, { method: 'POST', path: `/v2/alice/${name}/blobs/uploads/`, body: '' });
    const refused = await begin('secret');
    assert.deepEqual([refused.status, codeOf(refused)], [429, 'TOOMANYREQUESTS']);
    assert.match(refused.body.toString(), /500 uploads of yours into alice\/secret are not finished/);
    assert.equal((await begin('shared')).status, 202);
    await records.uploads.remove('many0');
    assert.equal((await begin('secret')).status, 202);
    forgotten();
  });

  test('is warned of from four fifths on', async () => {
    const warningAt = async (most: number) => {
      await planOf('carol', most);
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
    const bytes = await used('carol');
    assert.ok(bytes > 0);
    assert.equal(await warningAt(bytes * 2), undefined);
    assert.match(
      String(await warningAt(Math.floor(bytes / 0.8))),
      /^299 - "carol has used 80% of the private storage/,
    );
  });

  test('one more private repository', async () => {
    await planOf('dora', undefined, 0);
    const reply = await as(
      { name: 'dora' },
      { method: 'POST', path: '/v2/dora/app/blobs/uploads/', body: '' },
    );
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'DENIED']);
    assert.match(reply.body.toString(), /dora has 0 private repositories, as many as its plan allows/);
    const dora = personOf((await at.hub.rooms.records.users.find('dora'))!);
    assert.equal(await at.hub.rooms.access.find(dora, 'dora/app'), undefined);
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
