import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { ContainerConfig, HostConfig } from '#api/index.ts';
import type { RuntimeSpec } from '#oci/runtime-spec.ts';
import { hostFacts as facts } from '../../../test/fixtures/host-facts.ts';
import { adaptedHostConfig } from '../adapt.ts';
import { plannedMounts } from '../mounts/resolve.ts';
import type { ContainerRecord } from '../record.ts';
import { grantedTo } from './capabilities.ts';
import { runtimeSpec } from './spec.ts';
import { containerUser } from './user.ts';

const id = 'a'.repeat(64);
const passwd = 'root:x:0:0:root:/root:/bin/sh\nweb:x:100:101::/srv:/bin/false\n';
const group = 'root:x:0:\nwheel:x:10:root,web\nweb:x:101:\nextra:x:200:\n';

function specOf(
  config: ContainerConfig,
  host: HostConfig,
  pids: { network?: number; ipc?: number } = {},
): RuntimeSpec {
  const hostConfig = adaptedHostConfig(host, facts, (reference) =>
    reference === 'other' ? 'b'.repeat(64) : undefined,
  );
  const record: ContainerRecord = {
    id,
    name: 'web',
    createdAt: '2026-01-01T00:00:00Z',
    imageId: 'sha256:1',
    image: 'busybox',
    driver: 'overlay',
    config: { Hostname: 'aaaaaaaaaaaa', Cmd: ['sh'], Env: ['PATH=/bin'], ...config },
    hostConfig,
    networks: {},
    mounts: plannedMounts(config, hostConfig, () => []).map(({ copyUp: _, ...mount }) => mount),
  };
  return runtimeSpec({
    record,
    facts,
    user: containerUser({ user: config.User ?? '', groups: host.GroupAdd ?? [], passwd, group }),
    peers: pids,
    files: { resolvConf: '/c/resolv.conf', hostname: '/c/hostname', hosts: '/c/hosts' },
    devices: [],
    deviceNumbers: () => ({ major: 8, minor: 0 }),
    rootPath: '/',
  });
}

const golden = join(import.meta.dirname, '../golden');

/** Compares with a file; HOIST_GOLDEN=write rewrites it. */
function matchesGolden(name: string, spec: RuntimeSpec): void {
  const file = join(golden, `${name}.json`);
  const text = `${JSON.stringify(spec, null, 2)}\n`;
  if (process.env['HOIST_GOLDEN'] === 'write' || !existsSync(file)) {
    mkdirSync(golden, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'));
}

const cases: [string, ContainerConfig, HostConfig, { network?: number; ipc?: number }?][] = [
  ['plain', {}, {}],
  ['terminal', { Tty: true, OpenStdin: true }, { ConsoleSize: [24, 80] }],
  ['user', { User: 'web', WorkingDir: '/srv' }, { GroupAdd: ['extra', '7'] }],
  ['privileged', {}, { Privileged: true }],
  [
    'limits',
    {},
    {
      Memory: 64 << 20,
      NanoCpus: 1.5e9,
      CpusetCpus: '0',
      PidsLimit: 20,
      BlkioWeight: 300,
      BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1000 }],
      Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }],
      OomScoreAdj: 100,
    },
  ],
  [
    'host-namespaces',
    {},
    { NetworkMode: 'host', PidMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'private' },
  ],
  [
    'shared-namespaces',
    {},
    { NetworkMode: 'container:other', IpcMode: 'container:other' },
    { network: 41, ipc: 41 },
  ],
  [
    'mounts',
    { Volumes: { '/data': {} } },
    {
      ReadonlyRootfs: true,
      Binds: ['/src:/deep/er/place:ro', '/etc/hosts:/etc/hosts'],
      Tmpfs: { '/run': 'size=1m,exec' },
      ShmSize: 1 << 20,
    },
  ],
  [
    'security',
    {},
    {
      CapAdd: ['net_admin'],
      CapDrop: ['CHOWN'],
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined', 'apparmor=mine', 'label=disable'],
      Sysctls: { 'net.ipv4.ip_forward': '1' },
      DeviceCgroupRules: ['c 13:* rwm'],
      CgroupParent: 'mine',
    },
  ],
];
for (const [name, config, host, pids] of cases)
  test(`the spec of a container: ${name}`, () => matchesGolden(name, specOf(config, host, pids)));

test('what the machine cannot give is left out of every set and of the filter, with a warning', () => {
  const missed = 'Capabilities that this engine does not have itself are left out: CAP_SYS_RESOURCE';
  for (const host of [{ Privileged: true }, { CapAdd: ['sys_resource'] }, { CapAdd: ['ALL'] }]) {
    assert.deepEqual(grantedTo(host, facts).warnings, [missed]);
    const { process, linux } = specOf({}, host);
    assert.ok(!process.capabilities?.bounding?.includes('CAP_SYS_RESOURCE'));
    assert.ok(process.capabilities?.effective?.includes('CAP_CHOWN'));
    if (!host.Privileged)
      assert.equal(
        linux.seccomp?.defaultAction,
        `default of ${process.capabilities?.bounding?.length} capabilities`,
      );
  }
});
