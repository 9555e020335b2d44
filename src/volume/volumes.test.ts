import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { Events } from '#events/index.ts';
import { Database, pathsOf } from '#state/index.ts';
import { Volumes } from './volumes.ts';

let root: string;
let volumes: Volumes;
let told: string[];
const users = new Map<string, string[]>();

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'hoist-volumes-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  await rm(join(root, 'volumes'), { recursive: true, force: true });
  users.clear();
  told = [];
  const events = new Events();
  events.publish = (event) => void told.push(`${event.action} ${event.id}`);
  volumes = new Volumes({
    database: new Database(':memory:'),
    paths: pathsOf({ dataRoot: root, runRoot: root }),
    events,
    usersOf: (name) => users.get(name) ?? [],
    now: () => new Date('2026-01-02T03:04:05Z'),
  });
});

test('a volume as the API shows it', async () => {
  const volume = await volumes.create({ Name: 'data', Labels: { a: 'b' } });
  assert.deepEqual(volume, {
    CreatedAt: '2026-01-02T03:04:05Z',
    Driver: 'local',
    Labels: { a: 'b' },
    Mountpoint: join(root, 'volumes/data/_data'),
    Name: 'data',
    Options: null,
    Scope: 'local',
  });
  assert.deepEqual(await volumes.create({ Name: 'data' }), volume, 'making it again answers the same');
  assert.deepEqual(told, ['create data']);
});

const refusals: [string, object, { kind: string; message: RegExp }][] = [
  [
    'a bad name',
    { Name: 'a/b' },
    { kind: 'invalid', message: /includes invalid characters for a local volume name/ },
  ],
  ['an unknown driver', { Name: 'a', Driver: 'x' }, { kind: 'notFound', message: /plugin "x" not found/ }],
  [
    'an unknown option',
    { Name: 'a', DriverOpts: { x: '1' } },
    { kind: 'invalid', message: /invalid option: "x"/ },
  ],
];
for (const [name, request, want] of refusals) {
  test(`refuses ${name}`, () => assert.rejects(volumes.create(request), want));
}

test('one in use is not removed', async () => {
  await volumes.create({ Name: 'data' });
  users.set('data', ['abc']);
  await assert.rejects(volumes.remove('data'), {
    message: 'remove data: volume is in use - [abc]',
    kind: 'conflict',
  });
  users.clear();
  await volumes.remove('data');
  assert.equal(existsSync(join(root, 'volumes/data')), false);
  await assert.rejects(volumes.remove('data'), { message: 'get data: no such volume', kind: 'notFound' });
  await volumes.remove('data', { force: true });
});

test('prune takes anonymous volumes that nobody has, and named ones when asked', async () => {
  const anonymous = await volumes.create();
  await writeFile(join(anonymous.Mountpoint, 'file'), 'four');
  await volumes.create({ Name: 'named' });
  assert.deepEqual(await volumes.prune(), { VolumesDeleted: [anonymous.Name], SpaceReclaimed: 4 });
  users.set('named', ['x']);
  assert.deepEqual((await volumes.prune({ all: ['true'] })).VolumesDeleted, []);
  users.clear();
  assert.deepEqual((await volumes.prune({ all: ['true'] })).VolumesDeleted, ['named']);
});

test('filters', async () => {
  await volumes.create({ Name: 'one', Labels: { a: '1' } });
  await volumes.create({ Name: 'two' });
  const names = (filters: Record<string, string[]>) => volumes.list(filters).Volumes.map(({ Name }) => Name);
  assert.deepEqual(names({ name: ['w'] }), ['two']);
  assert.deepEqual(names({ label: ['a=1'] }), ['one']);
  assert.deepEqual(names({ dangling: ['false'] }), []);
  users.set('two', ['x']);
  assert.deepEqual(names({ dangling: ['1'] }), ['one']);
});
