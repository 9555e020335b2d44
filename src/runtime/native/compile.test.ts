import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EngineError } from '#base/errors.ts';
import type { RuntimeProcess, RuntimeSpec } from '#oci/runtime-spec.ts';
import type { TaskRequest } from '../format.ts';
import { cgroupJoins, cgroupViews, type GroupPlaces } from './cgroup-places.ts';
import { compileExec, compileTask } from './compile.ts';

import { listTape, type Operation } from './tape.ts';

/** `UPDATE_GOLDEN=1` rewrites the files; the difference is reviewed like code. */
function golden(name: string, operations: readonly Operation[]): void {
  const path = join(import.meta.dirname, 'golden', `${name}.tape`);
  const listed = listTape(operations);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, listed);
  assert.equal(listed, readFileSync(path, 'utf8'));
}

const capabilities = ['CAP_CHOWN', 'CAP_KILL'];
const shell: RuntimeProcess = {
  user: { uid: 0, gid: 0 },
  args: ['sh', '-c', 'true'],
  env: ['PATH=/usr/bin:/bin/', 'A=b'],
  cwd: '/',
  capabilities: {
    bounding: capabilities,
    effective: capabilities,
    inheritable: [],
    permitted: capabilities,
    ambient: [],
  },
};

const spec = (more: Partial<RuntimeSpec> = {}, linux: Partial<RuntimeSpec['linux']> = {}): RuntimeSpec => ({
  ociVersion: '1.2.0',
  process: shell,
  root: { path: '/' },
  hostname: 'web',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666'],
    },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['ro', 'nosuid', 'noexec', 'nodev'],
    },
    { destination: '/data', type: 'bind', source: '/srv/data', options: ['rbind', 'ro', 'rslave'] },
  ],
  ...more,
  linux: {
    namespaces: (['pid', 'network', 'ipc', 'mount', 'uts', 'cgroup'] as const).map((type) => ({ type })),
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    sysctl: { 'net.ipv4.ip_forward': '1', 'net/ipv4/conf/eth0.1/forwarding': '0' },
    ...linux,
  },
});

const request = (more: Partial<TaskRequest> = {}): TaskRequest => ({
  id: 'web',
  directory: '/run/hoist/tasks/web',
  spec: spec(),
  rootfs: 5,
  stdin: false,
  stdinOnce: false,
  ...more,
});

const path = '/docker/web';
const hybrid: GroupPlaces = {
  path,
  procs: ['memory', 'cpu,cpuacct', 'unified'].map((name) => `/sys/fs/cgroup/${name}${path}/cgroup.procs`),
  unifiedDirectory: `/sys/fs/cgroup/unified${path}`,
};
const unified: GroupPlaces = {
  path,
  procs: [`/sys/fs/cgroup${path}/cgroup.procs`],
  unifiedDirectory: `/sys/fs/cgroup${path}`,
};

const compiled = (request: TaskRequest, group: GroupPlaces, seccomp?: Uint8Array) =>
  compileTask({
    request,
    joins: cgroupJoins(group),
    cgroups: cgroupViews(group),
    ...(seccomp && { seccomp }),
  });

test('golden: a container on cgroup version 1, with network and log', () => {
  const network = {
    host: [{ bytes: new Uint8Array(40), netnsFdOffset: 36 }, { bytes: new Uint8Array(16) }],
    inner: [new Uint8Array(24)],
  };
  const log = { path: '/var/log/web', maxBytes: 1 << 20, maxFiles: 3 };
  golden('v1', compiled(request({ network, log }), hybrid, new Uint8Array(16)));
});

test('golden: a terminal, a user, no new privileges, read-only, on cgroup version 2', () => {
  const process: RuntimeProcess = {
    ...shell,
    terminal: true,
    consoleSize: { height: 24, width: 80 },
    user: { uid: 1000, gid: 1001, umask: 0o77, additionalGids: [7] },
    noNewPrivileges: true,
    oomScoreAdj: 100,
    rlimits: [
      { type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 },
      { type: 'RLIMIT_CORE', soft: -1, hard: -1 },
    ],
    apparmorProfile: 'docker-default',
  };
  const asked = request({
    spec: spec({ process, root: { path: '/', readonly: true } }, { rootfsPropagation: 'rslave' }),
    stdin: true,
    stdinOnce: true,
    init: true,
  });
  golden('v2-terminal', compiled(asked, unified, new Uint8Array(16)));
});

test('golden: host and joined namespaces, devices, the host’s own /dev', () => {
  const asked = request({
    spec: spec(
      {
        mounts: [
          { destination: '/dev', type: 'bind', source: '/dev', options: ['rbind'] },
          {
            destination: '/dev/shm',
            type: 'bind',
            source: '/proc/77/root/dev/shm',
            options: ['rbind', 'rprivate'],
          },
        ],
      },
      {
        namespaces: [
          { type: 'mount' },
          { type: 'network', path: '/proc/77/ns/net' },
          { type: 'pid', path: '/proc/77/ns/pid' },
        ],
        devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }],
        sysctl: {},
      },
    ),
  });
  golden('joined', compiled(asked, hybrid));
});

test('golden: an exec', () => {
  golden(
    'exec',
    compileExec(
      { ...shell, terminal: true, args: ['./run'], cwd: '/srv' },
      { stdin: true, joins: cgroupJoins(unified) },
    ),
  );
});

const refused: [what: string, asked: () => TaskRequest, kind: EngineError['kind']][] = [
  ['a user namespace', () => request({ spec: spec({}, { namespaces: [{ type: 'user' }] }) }), 'unsupported'],
  [
    'an unknown limit',
    () =>
      request({ spec: spec({ process: { ...shell, rlimits: [{ type: 'RLIMIT_X', soft: 1, hard: 1 }] } }) }),
    'invalid',
  ],
  [
    'tmpcopyup',
    () =>
      request({
        spec: spec({ mounts: [{ destination: '/t', type: 'tmpfs', source: 't', options: ['tmpcopyup'] }] }),
      }),
    'unsupported',
  ],
];
for (const [what, asked, kind] of refused) {
  test(`refused: ${what}`, () => assert.throws(() => compiled(asked(), unified), { kind }));
}
