import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOUNT_ATTR, MS } from '#linux/mount.ts';
import { MOUNTFLAG } from '../protocol.ts';
import { type MountOptions, mountOptions } from './mount-options.ts';

const none: MountOptions = { set: 0, clear: 0, propagation: 0, flags: 0, data: [] };
const { RDONLY, NOSUID, NOATIME, ATIME, STRICTATIME } = MOUNT_ATTR;

const rows: [words: string, want: Partial<MountOptions>][] = [
  ['', {}],
  ['ro nosuid', { set: RDONLY | NOSUID }],
  ['ro rw', { clear: RDONLY }],
  ['rw ro', { set: RDONLY }],
  [
    'rbind rprivate',
    { propagation: MS.PRIVATE, flags: MOUNTFLAG.RECURSIVE | MOUNTFLAG.RECURSIVE_PROPAGATION },
  ],
  ['bind slave', { propagation: MS.SLAVE }],
  ['rro', { set: RDONLY, flags: MOUNTFLAG.RECURSIVE_ATTRIBUTES }],
  ['noatime', { set: NOATIME, clear: ATIME }],
  ['noatime strictatime', { set: STRICTATIME, clear: ATIME }],
  ['relatime', { clear: ATIME }],
  ['size=1m mode=755 defaults', { data: ['size=1m', 'mode=755'] }],
];
for (const [words, want] of rows) {
  test(`mount options: ${words || 'none'}`, () => {
    assert.deepEqual(mountOptions(words.split(' ').filter(Boolean)), { ...none, ...want });
  });
}
