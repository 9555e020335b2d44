import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { newId } from '#base/id.ts';
import { digestOf } from '#oci/digest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { audited, personOf } from '../../../test/fixtures/hub-records/seed.ts';
import { publish } from '../../../test/fixtures/registry.ts';
import type { Received, Sent } from '../../../test/fixtures/registry-conformance.ts';
import { basicOf } from '../../../test/fixtures/registry-conformance-hub.ts';
import {
  blob,
  codeOf,
  image,
  peopledHub,
  type Who,
} from '../../../test/fixtures/registry-conformance-people.ts';

const at = peopledHub();
const { as, tokenFor } = at;
const layer = image.layers[0]!.descriptor.digest;

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
    const { records } = at.hub.rooms;
    const carol = (await records.users.find('carol'))!;
    for (const visibility of ['private', 'public'] as const) {
      await records.users.change(carol.id, { defaultVisibility: visibility }, audited);
      const name = `carol/${visibility}/deep`;
      await publish(`http://${at.hub.host}`, name, 'v1', image, { authorization: basicOf('carol') });
      const made = await at.hub.rooms.access.find(personOf(carol), name);
      assert.equal(made?.repository.visibility, visibility);
      const entries = await records.audit.list({ action: 'repository.create', size: 1 });
      assert.equal(entries[0]?.target, name);
    }
  });

  test('names without an owner are refused, and say why', async () => {
    const reply = await as({ name: 'alice' }, { method: 'POST', path: '/v2/app/blobs/uploads/', body: '' });
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'NAME_INVALID']);
    assert.match(reply.body.toString(), /owner\/name/);
  });
});
