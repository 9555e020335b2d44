import assert from 'node:assert/strict';
import test from 'node:test';
import { groupEntries, isOwnerId, passwdEntries } from './passwd.ts';

test('passwd: comments, blank and broken lines are passed over', () => {
  const text =
    '# users\n\nroot:x:0:0:root:/root:/bin/sh\nweb:x:100:101\nbroken:x:y:z\nshort\n 7:x:8:9:::\r\n';
  assert.deepEqual(passwdEntries(text), [
    { name: 'root', uid: 0, gid: 0, home: '/root' },
    { name: 'web', uid: 100, gid: 101, home: '' },
    { name: '7', uid: 8, gid: 9, home: '' },
  ]);
});

test('group: members are split, broken lines passed over', () => {
  assert.deepEqual(groupEntries('wheel:x:10:root,web\nweb:x:101:\n#c:x:1:\nx:x:-1:\n'), [
    { name: 'wheel', gid: 10, members: ['root', 'web'] },
    { name: 'web', gid: 101, members: [''] },
  ]);
});

const ids: [number, boolean][] = [
  [0, true],
  [2147483647, true],
  [2147483648, false],
  [-1, false],
];
for (const [id, want] of ids) test(`an owner may be ${id}: ${want}`, () => assert.equal(isOwnerId(id), want));
