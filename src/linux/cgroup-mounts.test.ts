import assert from 'node:assert/strict';
import test from 'node:test';
import { findHierarchies } from './cgroup-mounts.ts';

const line = (directory: string, type: string, options: string, root = '/') =>
  `36 25 0:30 ${root} ${directory} rw,nosuid,nodev,noexec,relatime shared:9 - ${type} ${type} ${options}`;

const hosts: [what: string, lines: string[], want: object][] = [
  ['version 2', [line('/sys/fs/cgroup', 'cgroup2', 'rw,nsdelegate')], { v1: [], unified: '/sys/fs/cgroup' }],
  [
    'hybrid, as systemd mounts it',
    [
      line('/sys/fs/cgroup', 'tmpfs', 'ro,mode=755'),
      line('/sys/fs/cgroup/unified', 'cgroup2', 'rw,nsdelegate'),
      line('/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd'),
      line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct'),
      line('/mnt/elsewhere', 'cgroup', 'rw,memory'),
      line('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
      line('/sys/fs/cgroup/memory2', 'cgroup', 'rw,memory'),
    ],
    {
      v1: [
        { directory: '/sys/fs/cgroup/systemd', controllers: [], name: 'systemd' },
        { directory: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
        { directory: '/sys/fs/cgroup/memory', controllers: ['memory'] },
      ],
      unified: '/sys/fs/cgroup/unified',
    },
  ],
  [
    'a path with a space',
    [line('/sys/fs/cgroup/a\\040b', 'cgroup', 'rw,pids')],
    {
      v1: [{ directory: '/sys/fs/cgroup/a b', controllers: ['pids'] }],
    },
  ],
  ['none', [line('/', 'ext4', 'rw')], { v1: [] }],
];
for (const [what, lines, want] of hosts) {
  test(`hierarchies: ${what}`, () => {
    assert.deepEqual(findHierarchies(`${lines.join('\n')}\n`, '/sys/fs/cgroup'), want);
  });
}
