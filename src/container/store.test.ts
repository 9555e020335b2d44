import assert from 'node:assert/strict';
import test from 'node:test';
import { Database } from '#state/database.ts';
import { generateName } from './names.ts';
import type { ContainerRecord } from './record.ts';
import { ContainerStore } from './store.ts';

const record = (id: string, name: string): ContainerRecord => ({
  id: id.padEnd(64, '0'),
  name,
  createdAt: `2026-01-01T00:00:0${id.length}Z`,
  imageId: 'sha256:1',
  image: 'busybox',
  driver: 'overlay',
  config: { Cmd: ['true'] },
  hostConfig: {},
  networks: {},
  mounts: [],
});

test('found by id, by its beginning, by name', () => {
  const store = new ContainerStore(new Database(':memory:'));
  const web = store.add(record('ab1', 'web'));
  store.add(record('ab2', 'ab'));
  for (const reference of [web.id, 'ab1', 'web', '/web']) assert.equal(store.find(reference), web);
  assert.equal(store.find('ab')?.name, 'ab', 'a name goes before a beginning');
  assert.equal(store.find('nothing'), undefined);
  assert.throws(() => store.find('a'), {
    kind: 'invalid',
    message: 'Multiple IDs found with provided prefix: a',
  });
  assert.throws(() => store.get('no'), { kind: 'notFound', message: 'No such container: no' });
});

test('a name is one container’s', () => {
  const store = new ContainerStore(new Database(':memory:'));
  const web = store.add(record('1', 'web'));
  assert.throws(() => store.reserve('web', 'x'), {
    kind: 'conflict',
    message: `Conflict. The container name "/web" is already in use by container "${web.id}". You have to remove (or rename) that container to be able to reuse that name.`,
  });
  store.reserve('other', 'x')[Symbol.dispose]();
  {
    using _name = store.reserve('other', web.id);
    store.rewrite(web, { name: 'other' });
  }
  assert.equal(store.find('other'), web);
  assert.equal(store.find('web'), undefined);
});

test('what is recorded is there after a restart', () => {
  const database = new Database(':memory:');
  const store = new ContainerStore(database);
  store.change(store.add(record('1', 'web')), { status: 'exited', exitCode: 3 });
  store.delete(store.add(record('2', 'gone')));
  const again = new ContainerStore(database);
  assert.deepEqual(
    again.list().map(({ name, state }) => [name, state.status, state.exitCode]),
    [['web', 'exited', 3]],
  );
});

test('generated names are taken once, few words or not', () => {
  const taken = new Set<string>();
  let counter = 0;
  const random = (below: number) => (counter++ * 7919) % Math.min(below, 1000);
  for (let count = 0; count < 200; count += 1) {
    const name = generateName((one) => taken.has(one), random);
    assert.match(name, /^[a-z]+_[a-z]+\d*$/);
    taken.add(name);
  }
  assert.equal(taken.size, 200);
});

test('a record of before, without the network of its mode among those asked for', () => {
  const database = new Database(':memory:');
  const { networks: _none, ...before } = record('1', 'web');
  const old = { ...before, hostConfig: { NetworkMode: 'front' }, endpoints: { back: { Aliases: ['b'] } } };
  database.run(
    "INSERT INTO container (id, name, status, image_id, created_at, record, state) VALUES (?, 'web', 'created', '', '', ?, '{}')",
    old.id,
    JSON.stringify(old),
  );
  const found = new ContainerStore(database).get('web').record;
  assert.deepEqual(found, {
    ...before,
    ...{ hostConfig: old.hostConfig },
    networks: { front: {}, back: { Aliases: ['b'] } },
  });
});
