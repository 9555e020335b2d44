import assert from 'node:assert/strict';
import test from 'node:test';
import type { Filters } from '#events/index.ts';
import { Database } from '#state/database.ts';
import type { ContainerRecord } from '../record.ts';
import type { Rooms } from '../rooms.ts';
import { ContainerStore } from '../store.ts';
import { checkFilters, matcher } from './filter.ts';

const store = new ContainerStore(new Database(':memory:'));

function add(name: string, id: string, record: Partial<ContainerRecord> = {}) {
  return store.add({
    id: id.repeat(64),
    name,
    createdAt: `2026-01-0${id}T00:00:00.000Z`,
    imageId: 'sha256:1',
    image: 'busybox',
    driver: 'overlay',
    config: { Cmd: ['true'] },
    hostConfig: { NetworkMode: 'bridge' },
    networks: { bridge: {} },
    mounts: [],
    ...record,
  });
}
const web = add('web', '1', { config: { Labels: { tier: 'front' }, ExposedPorts: { '80/tcp': {} } } });
add('web-db', '2', {
  image: 'postgres:9',
  imageId: 'sha256:2',
  mounts: [
    { type: 'volume', name: 'data', source: '/v', destination: '/d', mode: '', rw: true, propagation: '' },
  ],
});
add('other', '3', { hostConfig: { NetworkMode: 'none' }, networks: { none: {} } });
store.change(web, { status: 'exited', exitCode: 3 });

const rooms = {
  store,
  now: () => new Date('2026-01-10T00:00:00Z'),
  images: { find: (name: string) => (name === 'postgres' ? { id: 'sha256:2' } : undefined) },
  networks: {
    find: (name: string) => ({ id: name === 'none' ? 'fade' : 'beef' }),
    sandboxOf: (id: string) =>
      id === web.id
        ? { endpoints: [], ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '', hostPort: 8000 }] }
        : { endpoints: [], ports: [] },
  },
} as unknown as Rooms;

const cases: [Filters, string[]][] = [
  [{}, ['web', 'web-db', 'other']],
  [{ name: ['web'] }, ['web', 'web-db']],
  [{ name: ['^/web$'] }, ['web']],
  [{ name: ['web', 'other'] }, ['web', 'web-db', 'other']],
  [{ id: ['222'] }, ['web-db']],
  [{ status: ['exited'] }, ['web']],
  [{ exited: ['3'] }, ['web']],
  [{ exited: ['0'] }, []],
  [{ label: ['tier=front'] }, ['web']],
  [{ label: ['tier', 'other'] }, []],
  [{ 'label!': ['tier'] }, ['web-db', 'other']],
  [{ ancestor: ['postgres'] }, ['web-db']],
  [{ ancestor: ['busybox'] }, ['web', 'other']],
  [{ network: ['none'] }, ['other']],
  [{ network: ['fad'] }, ['other']],
  [{ network: ['nosuch'] }, []],
  [{ volume: ['data'] }, ['web-db']],
  [{ volume: ['/d'] }, ['web-db']],
  [{ publish: ['8000'] }, ['web']],
  [{ publish: ['7000-7999'] }, []],
  [{ expose: ['80/tcp'] }, ['web']],
  [{ before: ['web-db'] }, ['web']],
  [{ since: ['web-db'] }, ['other']],
  [{ until: ['2026-01-02T12:00:00Z'] }, ['web', 'web-db']],
  [{ until: ['192h'] }, ['web']],
  [{ status: ['exited'], label: ['none'] }, []],
];
for (const [filters, want] of cases) {
  test(`filter ${JSON.stringify(filters)}`, () => {
    checkFilters(filters);
    assert.deepEqual(
      store
        .list()
        .filter(matcher(filters, rooms))
        .map(({ name }) => name),
      want,
    );
  });
}

const refused: [Filters, string][] = [
  [{ what: ['x'] }, "invalid filter 'what'"],
  [{ status: ['asleep'] }, "invalid filter 'status=asleep'"],
  [{ exited: ['x'] }, "invalid filter 'exited=x'"],
];
for (const [filters, message] of refused)
  test(`refuses ${JSON.stringify(filters)}`, () =>
    assert.throws(() => checkFilters(filters), { kind: 'invalid', message }));
