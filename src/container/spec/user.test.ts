import assert from 'node:assert/strict';
import test from 'node:test';
import { containerUser } from './user.ts';

const passwd =
  '# comment\nroot:x:0:0:root:/root:/bin/sh\nweb:x:100:101::/srv:/bin/false\nbroken:x:y:z\n1000:x:55:56::/odd:\n';
const group = 'root:x:0:\nwheel:x:10:root,web\nweb:x:101:\nextra:x:200:\n';

const users: [string, { uid: number; gid: number; additionalGids: number[]; home: string }][] = [
  ['', { uid: 0, gid: 0, additionalGids: [0, 10], home: '/root' }],
  ['root', { uid: 0, gid: 0, additionalGids: [0, 10], home: '/root' }],
  ['web', { uid: 100, gid: 101, additionalGids: [101, 10], home: '/srv' }],
  ['100', { uid: 100, gid: 101, additionalGids: [101, 10], home: '/srv' }],
  ['web:extra', { uid: 100, gid: 200, additionalGids: [200], home: '/srv' }],
  ['web:77', { uid: 100, gid: 77, additionalGids: [77], home: '/srv' }],
  ['4321', { uid: 4321, gid: 0, additionalGids: [0], home: '/' }],
  ['4321:9', { uid: 4321, gid: 9, additionalGids: [9], home: '/' }],
  ['1000', { uid: 55, gid: 56, additionalGids: [56], home: '/odd' }],
];
for (const [user, want] of users)
  test(`user '${user}'`, () => assert.deepEqual(containerUser({ user, passwd, group }), want));

test('without files root is still root', () => {
  assert.deepEqual(containerUser({ user: '', passwd: '', group: '' }), {
    uid: 0,
    gid: 0,
    additionalGids: [0],
    home: '/',
  });
});

const refused: [string, string][] = [
  ['nobody', 'unable to find user nobody: no matching entries in passwd file'],
  ['web:none', 'unable to find group none: no matching entries in group file'],
  ['broken', 'unable to find user broken: no matching entries in passwd file'],
  ['4294967296', 'uids and gids must be in range 0-2147483647'],
];
for (const [user, message] of refused)
  test(`refuses user '${user}'`, () =>
    assert.throws(() => containerUser({ user, passwd, group }), { kind: 'invalid', message }));
