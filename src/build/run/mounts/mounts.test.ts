import assert from 'node:assert/strict';
import test from 'node:test';
import { EngineError } from '#base/errors.ts';
import { diskFull, isDiskFull } from '../disk-full.ts';
import { placeOf, snapshotKeys } from './step-mounts.ts';

const places: readonly (readonly [target: string, place: string])[] = [
  ['/', '/'],
  ['', '/'],
  ['/a/b/', '/a/b'],
  ['a', '/a'],
  ['/a/../../b', '/b'],
  ['/a//./b', '/a/b'],
];
for (const [target, place] of places)
  test(`target ${JSON.stringify(target)} is at ${place}`, () => {
    assert.equal(placeOf(target), place);
  });

test('only what is bound writable has a snapshot', () => {
  const bind = { type: 'bind', target: '/a', source: '/', from: { layers: [] } } as const;
  const [readable, writable] = [
    { ...bind, writable: false },
    { ...bind, writable: true },
  ];
  const keys = snapshotKeys([readable, writable, { type: 'tmpfs', target: '/b' }]);
  assert.deepEqual([...keys.keys()], [writable]);
  assert.match(keys.get(writable)!, /^[0-9a-f]{64}$/);
});

const full: readonly (readonly [string, unknown, boolean])[] = [
  ['a system call', new EngineError('internal', 'mkdirat', { errno: 28 }), true],
  ['another errno', new EngineError('internal', 'mkdirat', { errno: 2 }), false],
  ['Node', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), true],
  ['SQLite', Object.assign(new Error('full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 }), true],
  ['anything else', new Error('no'), false],
];
for (const [name, error, expected] of full)
  test(`a full disk, by ${name}: ${expected}`, () => {
    assert.equal(isDiskFull(error), expected);
  });

test('a full disk in words', () => {
  assert.equal(diskFull('Cannot x', new Error('y')).message, 'Cannot x: no space left on device');
});
