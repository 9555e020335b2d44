import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { newId } from '#base/id.ts';
import { digestOf } from '#oci/digest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { madeImage, noise } from '../../../test/fixtures/images.ts';
import { publish } from '../../../test/fixtures/registry.ts';
import { exchange, type Received, type Sent } from '../../../test/fixtures/registry-conformance.ts';
import {
  basicOf,
  type HubRegistry,
  startHubRegistry,
} from '../../../test/fixtures/registry-conformance-hub.ts';

const image = madeImage({ layers: [{ a: noise(50_000, 1) }, { b: 'two' }] });
const layer = image.layers[0]!.descriptor.digest;
const blob = noise(1_000_000, 5);

let hub: HubRegistry;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-registry-'));
  hub = await startHubRegistry({ directory: folder, users: ['alice', 'bob', 'carol', 'dora', 'erin'] });
  for (const name of ['alice/secret', 'alice/open', 'alice/shared', 'alice/fixed'])
    await publish(`http://${hub.host}`, name, 'v1', image, { authorization: basicOf('alice') });
  const { database, ledger } = hub.rooms;
  const idOf = (name: string) =>
    database.get<{ id: number }>('SELECT id FROM repository WHERE full_name = ?', name)!.id;
  database.transaction(() => {
    ledger.setVisibility(idOf('alice/open'), 'public');
    for (const [name, level] of [
      ['bob', 'read'],
      ['carol', 'write'],
    ] as const)
      database.run(
        'INSERT INTO user_grant VALUES (?, (SELECT id FROM account WHERE name = ?), ?)',
        ...[idOf('alice/shared'), name, level],
      );
    database.run('UPDATE repository SET immutable_tags = ? WHERE full_name = ?', '["v*"]', 'alice/fixed');
  });
});
after(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  assert.deepEqual(hub.errors, []);
});

type Who = { readonly name?: string; readonly token?: string };

const as = ({ name, token }: Who, sent: Sent): Promise<Received> =>
  exchange(
    {
      host: hub.host,
      ...(name !== undefined && { authorization: basicOf(name) }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    sent,
  );

async function tokenFor(name: string | undefined, ...scopes: string[]): Promise<string> {
  const query = scopes.map((scope) => `&scope=${encodeURIComponent(scope)}`).join('');
  const reply = await as(name === undefined ? {} : { name }, {
    method: 'GET',
    path: `/token?service=${hub.host}${query}`,
  });
  assert.equal(reply.status, 200, reply.body.toString());
  return (JSON.parse(reply.body.toString()) as { token: string }).token;
}

const codeOf = (reply: Received): string =>
  (JSON.parse(reply.body.toString() || '{}') as { errors?: { code: string }[] }).errors?.[0]?.code ?? '';

const reads = (name: string): readonly Sent[] => [
  { method: 'GET', path: `/v2/${name}/manifests/v1` },
  { method: 'HEAD', path: `/v2/${name}/manifests/v1` },
  { method: 'GET', path: `/v2/${name}/manifests/${image.digest}` },
  { method: 'GET', path: `/v2/${name}/manifests/v1`, headers: { 'if-none-match': image.digest } },
  { method: 'GET', path: `/v2/${name}/blobs/${layer}` },
  { method: 'GET', path: `/v2/${name}/blobs/${layer}`, headers: { range: 'bytes=0-1' } },
  { method: 'HEAD', path: `/v2/${name}/blobs/${layer}` },
  { method: 'GET', path: `/v2/${name}/tags/list` },
  { method: 'GET', path: `/v2/${name}/referrers/${image.digest}` },
];
const writes = (name: string): readonly Sent[] => [
  { method: 'POST', path: `/v2/${name}/blobs/uploads/`, body: '' },
  { method: 'POST', path: `/v2/${name}/blobs/uploads/?digest=${layer}`, body: '' },
  { method: 'POST', path: `/v2/${name}/blobs/uploads/?mount=${layer}&from=alice/open`, body: '' },
  { method: 'PATCH', path: `/v2/${name}/blobs/uploads/${newId()}`, body: 'x' },
  { method: 'PUT', path: `/v2/${name}/blobs/uploads/${newId()}?digest=${layer}`, body: 'x' },
  { method: 'GET', path: `/v2/${name}/blobs/uploads/${newId()}` },
  { method: 'DELETE', path: `/v2/${name}/blobs/uploads/${newId()}` },
  {
    method: 'PUT',
    path: `/v2/${name}/manifests/v1`,
    headers: { 'content-type': mediaTypes.ociManifest },
    body: image.manifest,
  },
];
const deletes = (name: string): readonly Sent[] => [
  { method: 'DELETE', path: `/v2/${name}/manifests/v1` },
  { method: 'DELETE', path: `/v2/${name}/manifests/${image.digest}` },
  { method: 'DELETE', path: `/v2/${name}/blobs/${layer}` },
];

/** What a reply shows, without what names the repository and the moment. */
const shown = ({ status, headers, body }: Received, name: string) => {
  const { date: _date, ...others } = headers;
  return JSON.stringify([status, others, body.toString()]).replaceAll(name, 'NAME');
};

suite('a repository that one may not read does not exist', () => {
  const requests = (name: string) => [...reads(name), ...writes(name), ...deletes(name)];
  const who: readonly (readonly [string, (name: string) => Promise<Who>])[] = [
    ['a stranger', async () => ({})],
    ['someone else', async () => ({ name: 'dora' })],
    [
      "a stranger's token",
      async (name) => ({ token: await tokenFor(undefined, `repository:${name}:pull,push,delete`) }),
    ],
    [
      "someone else's token",
      async (name) => ({ token: await tokenFor('dora', `repository:${name}:pull,push,delete`) }),
    ],
    [
      "the owner's token for another",
      async () => ({ token: await tokenFor('alice', 'repository:alice/open:pull') }),
    ],
  ];
  for (const [what, whoFor] of who)
    test(what, async () => {
      const [hidden, missing] = ['alice/secret', 'alice/nothin'];
      const [a, b] = [await whoFor(hidden), await whoFor(missing)];
      const [first, second] = [requests(hidden), requests(missing)];
      for (const [index, sent] of first.entries()) {
        const reply = await as(a, sent);
        assert.ok([401, 404].includes(reply.status), `${sent.method} ${sent.path}: ${reply.status}`);
        assert.equal(
          shown(reply, hidden),
          shown(await as(b, second[index]!), missing),
          `${sent.method} ${sent.path}`,
        );
      }
    });

  test('nor in the catalogue, nor to mount from', async () => {
    const catalogue = async (asker: Who) =>
      (
        JSON.parse((await as(asker, { method: 'GET', path: '/v2/_catalog' })).body.toString()) as {
          repositories: string[];
        }
      ).repositories;
    assert.ok((await catalogue({ name: 'alice' })).includes('alice/secret'));
    assert.deepEqual(await catalogue({ name: 'dora' }), ['alice/open']);
    assert.deepEqual(await catalogue({ name: 'bob' }), ['alice/open', 'alice/shared']);
    assert.deepEqual(await catalogue({ token: await tokenFor(undefined, 'registry:catalog:*') }), [
      'alice/open',
    ]);
    const { status } = await as({}, { method: 'GET', path: '/v2/_catalog' });
    assert.equal(status, 401);

    const own = digestOf(blob);
    const put = await as(
      { name: 'alice' },
      { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${own}`, body: blob },
    );
    assert.equal(put.status, 201);
    for (const query of [
      `mount=${own}&from=alice/secret`,
      `mount=${own}&from=alice/nothing`,
      `mount=${own}`,
    ]) {
      const reply = await as(
        { name: 'erin' },
        { method: 'POST', path: `/v2/erin/app/blobs/uploads/?${query}`, body: '' },
      );
      assert.equal(reply.status, 202, query);
    }
    const shared = await as(
      { name: 'bob' },
      { method: 'POST', path: `/v2/bob/app/blobs/uploads/?mount=${layer}&from=alice/shared`, body: '' },
    );
    assert.equal(shared.status, 201);
  });
});

suite('who may do what', () => {
  const rows: readonly (readonly [string, Who, readonly Sent[], number, string])[] = [
    ['a stranger reads what is public', {}, reads('alice/open'), 200, ''],
    ['a stranger writes nothing', {}, writes('alice/open'), 401, 'UNAUTHORIZED'],
    ['a reader reads', { name: 'bob' }, reads('alice/shared'), 200, ''],
    ['a reader does not write', { name: 'bob' }, writes('alice/shared'), 403, 'DENIED'],
    ['a reader does not delete', { name: 'bob' }, deletes('alice/shared'), 403, 'DENIED'],
    ['a writer does not delete', { name: 'carol' }, deletes('alice/shared'), 403, 'DENIED'],
    ['a person reads what is public', { name: 'dora' }, reads('alice/open'), 200, ''],
    ['a person does not write there', { name: 'dora' }, writes('alice/open'), 403, 'DENIED'],
    ["nothing is made in another's account", { name: 'dora' }, writes('alice/made'), 404, 'NAME_UNKNOWN'],
  ];
  for (const [what, who, requests, status, code] of rows)
    test(what, async () => {
      for (const sent of requests) {
        const reply = await as(who, sent);
        const isRead = status === 200 && [200, 206, 304].includes(reply.status);
        assert.ok(isRead || reply.status === status, `${sent.method} ${sent.path}: ${reply.status}`);
        if (code !== '') assert.equal(codeOf(reply), code, `${sent.method} ${sent.path}`);
      }
    });

  test('a challenge asks for what is needed', async () => {
    const scopeOf = async (sent: Sent) =>
      /scope="([^"]*)"/.exec((await as({}, sent)).headers['www-authenticate'] ?? '')?.[1];
    const name = 'alice/secret';
    assert.equal(await scopeOf({ method: 'GET', path: '/v2/' }), undefined);
    assert.equal(await scopeOf({ method: 'GET', path: '/v2/_catalog' }), 'registry:catalog:*');
    for (const sent of reads(name))
      if (sent.method === 'GET') assert.equal(await scopeOf(sent), `repository:${name}:pull`);
    for (const sent of writes(name))
      assert.equal(
        await scopeOf(sent),
        `repository:${name}:pull,push${sent.path.includes('from=') ? ' repository:alice/open:pull' : ''}`,
        sent.path,
      );
    for (const sent of deletes(name)) assert.equal(await scopeOf(sent), `repository:${name}:delete`);
    const wrong = await as({ token: 'forged.token.here' }, { method: 'GET', path: '/v2/' });
    assert.deepEqual([wrong.status, codeOf(wrong)], [401, 'UNAUTHORIZED']);
    assert.match(wrong.headers['www-authenticate'] ?? '', /^Bearer realm="http:/);
  });

  test('a token is for what is in it', async () => {
    const token = await tokenFor('alice', 'repository:alice/secret:pull');
    assert.equal((await as({ token }, { method: 'GET', path: '/v2/alice/secret/tags/list' })).status, 200);
    for (const sent of writes('alice/secret')) assert.equal((await as({ token }, sent)).status, 401);
    assert.equal((await as({ token }, { method: 'GET', path: '/v2/alice/shared/tags/list' })).status, 401);
    assert.equal((await as({ token }, { method: 'GET', path: '/v2/_catalog' })).status, 401);
  });

  test("a first push makes the repository, by its owner's default", async () => {
    const { database } = hub.rooms;
    for (const visibility of ['private', 'public']) {
      database.run("UPDATE account SET default_visibility = ? WHERE name = 'carol'", visibility);
      const name = `carol/${visibility}/deep`;
      await publish(`http://${hub.host}`, name, 'v1', image, { authorization: basicOf('carol') });
      assert.deepEqual(
        database
          .all('SELECT full_name, visibility FROM repository WHERE full_name = ?', name)
          .map((row) => ({ ...row })),
        [{ full_name: name, visibility }],
      );
      const audited = database.get(
        "SELECT 1 FROM audit WHERE action = 'repository.create' AND target = ?",
        name,
      );
      assert.ok(audited !== undefined);
    }
  });

  test('names without an owner are refused, and say why', async () => {
    const reply = await as({ name: 'alice' }, { method: 'POST', path: '/v2/app/blobs/uploads/', body: '' });
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'NAME_INVALID']);
    assert.match(reply.body.toString(), /owner\/name/);
  });
});

suite('tags that are not to be moved', () => {
  const other = madeImage({ layers: [{ b: 'two' }] });
  const put = (tag: string, { manifest, mediaType } = image) =>
    as(
      { name: 'alice' },
      {
        method: 'PUT',
        path: `/v2/alice/fixed/manifests/${tag}`,
        headers: { 'content-type': mediaType },
        body: manifest,
      },
    );
  test('stay what they are; others move', async () => {
    await publish(`http://${hub.host}`, 'alice/fixed', 'latest', other, { authorization: basicOf('alice') });
    assert.equal((await put('v1')).status, 201, 'the same again');
    assert.equal(codeOf(await put('v1', other)), 'DENIED');
    assert.equal((await put('v2', other)).status, 201, 'a new one');
    assert.equal((await put('latest')).status, 201);
    for (const reference of ['v1', image.digest]) {
      const reply = await as(
        { name: 'alice' },
        { method: 'DELETE', path: `/v2/alice/fixed/manifests/${reference}` },
      );
      assert.equal(codeOf(reply), 'DENIED', reference);
    }
    const tag = await as({ name: 'alice' }, { method: 'DELETE', path: '/v2/alice/fixed/manifests/latest' });
    assert.equal(tag.status, 202);
  });
});

suite('pulls are counted', () => {
  const pull = (who: Who, reference = 'v1', method = 'GET') =>
    as(who, { method, path: `/v2/alice/open/manifests/${reference}` });
  test('strangers by address, HEAD free, refused as Docker Hub does', async () => {
    const { settings } = hub.rooms;
    const first = await pull({});
    const [, left] = /^(\d+);w=3600$/.exec(String(first.headers['ratelimit-remaining']))!;
    assert.equal(first.headers['ratelimit-limit'], '100;w=3600');
    assert.equal(first.headers['docker-ratelimit-source'], '127.0.0.1');
    assert.equal((await pull({}, 'v1', 'HEAD')).headers['ratelimit-remaining'], `${left};w=3600`);
    assert.equal((await pull({}, 'absent')).status, 404);
    assert.equal((await pull({}, image.digest)).headers['ratelimit-remaining'], `${Number(left) - 1};w=3600`);
    settings.set({ ...settings.get(), anonymousPullsPerHour: 100 - Number(left) + 1 });
    const refused = await pull({});
    assert.deepEqual([refused.status, codeOf(refused)], [429, 'TOOMANYREQUESTS']);
    assert.match(String(refused.headers['retry-after']), /^\d+$/);
    assert.equal((await pull({}, 'v1', 'HEAD')).status, 200);
    assert.equal((await pull({ name: 'dora' })).status, 200, 'a person has an allowance of its own');
    settings.set({ ...settings.get(), anonymousPullsPerHour: 100 });
  });
});

suite('what a plan has no room for', () => {
  const planOf = (user: string, bytes: number | null, repositories: number | null = null) => {
    const { database: records } = hub.rooms;
    records.run(
      'INSERT OR REPLACE INTO plan (id, name, private_repositories, private_bytes) VALUES (?1, ?1, ?, ?)',
      ...[`of-${user}`, repositories, bytes],
    );
    records.run('UPDATE account SET plan_id = ? WHERE name = ?', `of-${user}`, user);
  };
  const used = (user: string) =>
    hub.rooms.database.get<{ private_bytes: number }>(
      'SELECT private_bytes FROM account WHERE name = ?',
      user,
    )!.private_bytes;
  const leftovers = async () => [
    ...hub.rooms.database.all(
      "SELECT id FROM upload WHERE repository_id = (SELECT id FROM repository WHERE full_name = 'erin/app')",
    ),
  ];

  test('is refused before it comes, and is cut where it was not said', async () => {
    planOf('erin', 1_500_000);
    const begun = async () =>
      (await as({ name: 'erin' }, { method: 'POST', path: '/v2/erin/app/blobs/uploads/', body: '' })).headers
        .location!;
    hub.rooms.database.run('DELETE FROM upload');
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
    hub.rooms.database.run('DELETE FROM upload');

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
    const stored = await Array.fromAsync(hub.store.list());
    const known = hub.rooms.database
      .all<{ digest: string }>('SELECT digest FROM blob')
      .map(({ digest }) => digest);
    assert.deepEqual(stored.map(({ digest }) => digest).sort(), known.sort(), 'no file that no record has');
  });

  test('is warned of from four fifths on', async () => {
    const warningAt = async (most: number) => {
      planOf('carol', most);
      const name = 'carol/private/deep';
      await publish(`http://${hub.host}`, name, 'v1', image, { authorization: basicOf('carol') });
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
    assert.equal(hub.rooms.database.get("SELECT 1 FROM repository WHERE full_name = 'dora/app'"), undefined);
  });
});

suite('clients that go, come back, or come twice', () => {
  const begun = async () =>
    (await as({ name: 'alice' }, { method: 'POST', path: '/v2/alice/secret/blobs/uploads/', body: '' }))
      .headers.location!;

  /** Sends the head of a PATCH and a part of its body, and no more. */
  async function half(path: string, part: Buffer) {
    const socket = connect(hub.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    const head = `PATCH ${path} HTTP/1.1\r\nHost: ${hub.host}\r\nAuthorization: ${basicOf('alice')}\r\nContent-Length: ${blob.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), part]));
    return socket;
  }
  const received = async (path: string) =>
    (await as({ name: 'alice' }, { method: 'GET', path })).headers.range ?? '';

  test('what came is kept, and the rest is added', async () => {
    const path = await begun();
    const socket = await half(path, blob.subarray(0, 400_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await received(path), '0-399999');
    const end = await as(
      { name: 'alice' },
      {
        method: 'PUT',
        path: `${path}?digest=${digestOf(blob)}`,
        headers: { 'content-range': `400000-${blob.length - 1}` },
        body: blob.subarray(400_000),
      },
    );
    assert.equal(end.status, 201);
  });

  test('who comes back before its first connection is known to be gone takes over', async () => {
    const path = await begun();
    const socket = await half(path, blob.subarray(0, 300_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = once(socket, 'close');
    const chunk = { method: 'PATCH', path, headers: { 'content-range': `300000-${blob.length - 1}` } };
    const second = await as({ name: 'alice' }, { ...chunk, body: blob.subarray(300_000) });
    assert.deepEqual([second.status, second.headers.range], [202, `0-${blob.length - 1}`]);
    await closed;
    const end = await as(
      { name: 'alice' },
      { method: 'PUT', path: `${path}?digest=${digestOf(blob)}`, body: '' },
    );
    assert.equal(end.status, 201);
  });

  test('one blob by many at once', async () => {
    const bytes = noise(700_000, 77);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        as(
          { name: 'alice' },
          { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
        ),
      ),
    );
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([201]));
    const { body } = await as(
      { name: 'alice' },
      { method: 'GET', path: `/v2/alice/secret/blobs/${digestOf(bytes)}` },
    );
    assert.ok(body.equals(bytes));
  });

  test('an upload is of its repository alone', async () => {
    const path = await begun();
    const { status } = await as({ name: 'alice' }, { method: 'GET', path: path.replace('secret', 'shared') });
    assert.equal(status, 404);
  });

  test('a manifest of 100 MB is refused before it has come', async () => {
    for (const said of ['Content-Length: 104857600', 'Transfer-Encoding: chunked']) {
      const socket = connect(hub.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      socket.write(
        `PUT /v2/alice/secret/manifests/big HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicOf('alice')}\r\n${said}\r\n\r\n`,
      );
      const chunk = Buffer.alloc(1 << 20, ' ');
      if (said.startsWith('Transfer'))
        for (let sent = 0; sent < 6; sent += 1)
          socket.write(Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1\.1 413 /, said);
      socket.destroy();
    }
  });

  test('a pull goes on to its end while what it pulls is deleted', async () => {
    const bytes = noise(20_000_000, 88);
    await as(
      { name: 'alice' },
      { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
    );
    const path = `/v2/alice/secret/blobs/${digestOf(bytes)}`;
    const reply = await fetch(`http://${hub.host}${path}`, { headers: { authorization: basicOf('alice') } });
    const reader = reply.body!.getReader();
    const pieces = [(await reader.read()).value!];
    assert.equal((await as({ name: 'alice' }, { method: 'DELETE', path })).status, 202);
    hub.rooms.database.run('DELETE FROM blob WHERE digest = ?', digestOf(bytes));
    await hub.store.delete(digestOf(bytes));
    for (let read = await reader.read(); !read.done; read = await reader.read()) pieces.push(read.value);
    assert.equal(digestOf(Buffer.concat(pieces)), digestOf(bytes));
    assert.equal((await as({ name: 'alice' }, { method: 'GET', path })).status, 404);
  });

  test('a single POST that breaks off leaves nothing', async () => {
    const uploads = () =>
      hub.rooms.database.get<{ count: number }>('SELECT count(*) AS count FROM upload')!.count;
    const before = uploads();
    const socket = connect(hub.port, '127.0.0.1');
    await once(socket, 'connect');
    const path = `/v2/alice/secret/blobs/uploads/?digest=${digestOf('x')}`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicOf('alice')}\r\nContent-Length: 100\r\n\r\nhalf`,
    );
    while (uploads() === before) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (uploads() > before) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('what goes wrong inside is told as the specification tells errors, and logged', async () => {
    const { database } = hub.rooms;
    database.run('ALTER TABLE tag RENAME TO tag_away');
    const reply = await as({ name: 'alice' }, { method: 'GET', path: '/v2/alice/secret/tags/list?n=1' });
    database.run('ALTER TABLE tag_away RENAME TO tag');
    assert.deepEqual([reply.status, codeOf(reply)], [500, 'UNKNOWN']);
    assert.doesNotMatch(reply.body.toString(), /table/);
    assert.match((hub.errors as string[]).splice(0).join(''), /request failed.*no such table/);
  });

  test('long annotations come in pages', async () => {
    const config = image.config;
    for (let index = 0; index < 3; index += 1) {
      const document = {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
        layers: [],
        subject: { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.manifest.length },
        annotations: { index: `${index}`, long: 'x'.repeat(1_500_000) },
      };
      const body = JSON.stringify(document);
      const path = `/v2/alice/secret/manifests/${digestOf(body)}`;
      const put = await as(
        { name: 'alice' },
        { method: 'PUT', path, headers: { 'content-type': mediaTypes.ociManifest }, body },
      );
      assert.equal(put.status, 201, put.body.toString());
    }
    const seen: string[] = [];
    let path: string | undefined = `/v2/alice/secret/referrers/${image.digest}`;
    for (let pages = 0; path !== undefined; pages += 1) {
      assert.ok(pages < 4);
      const reply: Received = await as({ name: 'alice' }, { method: 'GET', path });
      assert.ok(reply.body.length < 4 << 20);
      const { manifests } = JSON.parse(reply.body.toString()) as {
        manifests: { annotations: { index: string } }[];
      };
      seen.push(...manifests.map(({ annotations }) => annotations.index));
      path = /^<([^>]+)>; rel="next"$/.exec(String(reply.headers.link ?? ''))?.[1];
    }
    assert.deepEqual(seen.sort(), ['0', '1', '2']);
  });

  test('a blob whose file is gone is not there, until it is pushed again', async () => {
    const bytes = Buffer.from('lost and found');
    const push = () =>
      as(
        { name: 'alice' },
        { method: 'POST', path: `/v2/alice/secret/blobs/uploads/?digest=${digestOf(bytes)}`, body: bytes },
      );
    const path = `/v2/alice/secret/blobs/${digestOf(bytes)}`;
    await push();
    await hub.store.delete(digestOf(bytes));
    assert.equal((await as({ name: 'alice' }, { method: 'GET', path })).status, 404);
    assert.equal((await as({ name: 'alice' }, { method: 'HEAD', path })).status, 404);
    assert.match((hub.errors as string[]).splice(0).join(''), /blob is not as it was written/);
    assert.equal((await push()).status, 201);
    assert.ok((await as({ name: 'alice' }, { method: 'GET', path })).body.equals(bytes));
  });
});
