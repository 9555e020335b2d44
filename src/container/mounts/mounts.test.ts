import assert from 'node:assert/strict';
import test from 'node:test';
import { tmpfsOptions } from '../spec/mounts.ts';
import { parseBind } from './bind-spec.ts';
import { plannedMounts } from './resolve.ts';

const good: [string, object][] = [
  ['/a:/b', { source: '/a', destination: '/b', rw: true, mode: '', propagation: 'rprivate', noCopy: false }],
  [
    '/a/../c//d/:/b/:ro',
    { source: '/c/d', destination: '/b', rw: false, mode: 'ro', propagation: 'rprivate', noCopy: false },
  ],
  [
    '/a:/b:z,rshared',
    { source: '/a', destination: '/b', rw: true, mode: 'z,rshared', propagation: 'rshared', noCopy: false },
  ],
  [
    'data:/b:nocopy',
    { source: 'data', destination: '/b', rw: true, mode: 'nocopy', propagation: '', noCopy: true },
  ],
  ['/b', { destination: '/b', rw: true, mode: '', propagation: '', noCopy: false }],
];
for (const [text, want] of good) test(`bind ${text}`, () => assert.deepEqual(parseBind(text), want));

const bad: [string, RegExp][] = [
  ['', /^invalid volume specification: ''$/],
  ['/a:/b:ro:x', /^invalid volume specification: '\/a:\/b:ro:x'$/],
  ['/a:b', /invalid mount path: 'b' mount path must be absolute/],
  ['/a:/', /destination can't be '\/'/],
  ['/a:/b:rw,ro', /^invalid mode: rw,ro$/],
  ['/a:/b:nocopy', /^invalid mode: nocopy$/],
  ['data:/b:rshared', /^invalid mode: rshared$/],
  ['/a:/b:what', /^invalid mode: what$/],
  ['a b:/b', /includes invalid characters for a local volume name/],
];
for (const [text, message] of bad)
  test(`refuses bind '${text}'`, () => assert.throws(() => parseBind(text), { kind: 'invalid', message }));

const none = () => [];

test('an image volume gives way to a bind at its place', () => {
  const planned = plannedMounts({ Volumes: { '/data': {}, '/other/': {} } }, { Binds: ['/a:/data'] }, none);
  assert.deepEqual(
    planned.map(({ type, destination }) => [type, destination]),
    [
      ['bind', '/data'],
      ['volume', '/other'],
    ],
  );
});

test('a volume with a name is never one of the container alone', () => {
  const host = {
    Binds: ['named:/a', '/b'],
    Mounts: [{ Type: 'volume' as const, Source: 'other', Target: '/c' }],
  };
  const planned = plannedMounts({ Volumes: { '/d': {} } }, host, none);
  assert.deepEqual(
    planned.map(({ destination, name, anonymous }) => [
      destination,
      /^[0-9a-f]{64}$/.test(name ?? '') || name,
      anonymous,
    ]),
    [
      ['/a', 'named', undefined],
      ['/b', true, true],
      ['/c', 'other', undefined],
      ['/d', true, true],
    ],
  );
});

test('two mounts at one place', () => {
  assert.throws(() => plannedMounts({}, { Binds: ['/a:/x', '/b:/x/'] }, none), {
    message: 'Duplicate mount point: /x',
  });
});

test('a bind mount whose source is missing', () => {
  const host = { Mounts: [{ Type: 'bind' as const, Source: '/nowhere/at/all', Target: '/x' }] };
  assert.throws(() => plannedMounts({}, host, none), {
    message: 'invalid mount config for type "bind": bind source path does not exist: /nowhere/at/all',
  });
});

test('volumes from another container, read-only', () => {
  const other = [
    {
      type: 'volume' as const,
      name: 'v',
      source: '/s',
      destination: '/d',
      mode: '',
      rw: true,
      propagation: '',
      anonymous: true,
    },
  ];
  assert.deepEqual(
    plannedMounts({}, { VolumesFrom: ['web:ro'] }, () => other),
    [{ type: 'volume', name: 'v', source: '/s', destination: '/d', mode: '', rw: false, propagation: '' }],
  );
});

const tmpfs: [string, string[]][] = [
  ['', ['noexec', 'nosuid', 'nodev']],
  ['rw,exec,size=10m', ['exec', 'nosuid', 'nodev', 'rw', 'size=10m']],
  ['size=1m,size=2m,ro', ['noexec', 'nosuid', 'nodev', 'size=2m', 'ro']],
];
for (const [asked, want] of tmpfs)
  test(`tmpfs options '${asked}'`, () => assert.deepEqual(tmpfsOptions(asked), want));
