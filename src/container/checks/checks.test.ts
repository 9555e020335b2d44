import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import test from 'node:test';
import type { ContainerConfig, HostConfig } from '#api/index.ts';
import { hostFacts as facts } from '../../../test/fixtures/host-facts.ts';
import { checkConfig } from './config.ts';
import { missingLimits } from './missing.ts';
import { checkNetwork } from './network.ts';
import { checkHostValues, checkResources } from './resources.ts';

function check(config: ContainerConfig, host: HostConfig): void {
  checkConfig(config, host, facts);
  checkResources(host);
  checkHostValues(host);
  checkNetwork(config, host);
}

const count = availableParallelism();
const refused: [ContainerConfig, HostConfig, string][] = [
  [{ WorkingDir: 'x' }, {}, "the working directory 'x' is invalid, it needs to be an absolute path"],
  [{ StopSignal: 'SIGNOT' }, {}, 'invalid signal: SIGNOT'],
  [{ Env: ['=x'] }, {}, 'invalid environment variable: =x'],
  [{ Healthcheck: { Interval: 5 } }, {}, 'Interval in Healthcheck cannot be less than 1ms'],
  [{}, { Memory: 1024 }, 'Minimum memory limit allowed is 6MB'],
  [
    {},
    { Memory: 8 << 20, MemorySwap: 7 << 20 },
    'Minimum memoryswap limit should be larger than memory limit, see usage',
  ],
  [
    {},
    { MemorySwap: 7 << 20 },
    'You should always set the Memory limit when using Memoryswap limit, see usage',
  ],
  [{}, { MemorySwappiness: 101 }, 'Invalid value: 101, valid memory swappiness range is 0-100'],
  [
    {},
    { NanoCpus: 1e12 },
    `range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`,
  ],
  [{}, { NanoCpus: 1e9, CpuQuota: 1000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
  [
    {},
    { CpuPeriod: 10 },
    'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  ],
  [{}, { CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus'],
  [{}, { BlkioWeight: 5 }, 'Range of blkio weight is from 10 to 1000'],
  [{}, { OomScoreAdj: 2000 }, 'Invalid value 2000, range for oom score adj is [-1000, 1000]'],
  [{}, { ShmSize: -1 }, 'SHM size can not be less than 0'],
  [{}, { Ulimits: [{ Name: 'nofiles', Soft: 1, Hard: 1 }] }, 'invalid ulimit type: nofiles'],
  [
    {},
    { Ulimits: [{ Name: 'nofile', Soft: 2, Hard: 1 }] },
    'ulimit soft limit must be less than or equal to hard limit: 2 > 1',
  ],
  [
    {},
    { AutoRemove: true, RestartPolicy: { Name: 'always' } },
    "can't create 'AutoRemove' container with restart policy",
  ],
  [
    {},
    { RestartPolicy: { Name: 'often' as 'always' } },
    "invalid restart policy: unknown policy 'often'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ],
  [
    {},
    { RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } },
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  ],
  [{}, { IpcMode: 'mine' }, 'invalid IPC mode: mine'],
  [{}, { PidMode: 'mine' }, 'invalid PID mode: mine'],
  [{}, { UTSMode: 'mine' }, 'invalid UTS mode: mine'],
  [{}, { CapAdd: ['FLY'] }, 'invalid CapAdd: unknown capability: "CAP_FLY"'],
  [{}, { SecurityOpt: ['what'] }, 'invalid --security-opt 1: "what"'],
  [{}, { SecurityOpt: ['what=1'] }, 'invalid --security-opt 2: "what=1"'],
  [
    {},
    { LogConfig: { Type: 'pigeon' } },
    'error looking up logging plugin pigeon: plugin "pigeon" not found',
  ],
  [{}, { Runtime: 'gvisor' }, 'unknown or invalid runtime name: gvisor'],
  [{}, { NetworkMode: 'container:' }, 'invalid container format container:<name|id>'],
  [{ Hostname: 'x' }, { NetworkMode: 'container:a' }, 'conflicting options: hostname and the network mode'],
  [{ Hostname: 'x' }, { UTSMode: 'host' }, 'conflicting options: hostname and the UTS mode'],
  [
    {},
    { NetworkMode: 'container:a', PortBindings: { '80/tcp': [] } },
    'conflicting options: port publishing and the container type network mode',
  ],
  [{}, { PortBindings: { '80/tcp': [{ HostPort: 'x' }] } }, 'invalid port specification: "x"'],
  [{ ExposedPorts: { '70000/tcp': {} } }, {}, 'invalid port specification: "70000"'],
  [{}, { ExtraHosts: ['x'] }, 'bad format for add-host: "x"'],
];
for (const [config, host, message] of refused) {
  test(`refuses ${JSON.stringify({ ...config, ...host })}`, () => {
    assert.throws(() => check(config, host), { kind: 'invalid', message });
  });
}

test('links are passed over on a network of its own, and refused elsewhere', () => {
  const Links = ['db:db'];
  check({}, { Links, NetworkMode: 'front' });
  for (const NetworkMode of ['', 'default', 'bridge', 'host'])
    assert.throws(() => check({}, { Links, NetworkMode }), { kind: 'unsupported' });
});

test('what the machine cannot hold is warned of', () => {
  const host = { Memory: 8 << 20, PidsLimit: 5, CpusetCpus: '0' };
  assert.deepEqual(missingLimits(host, { memoryLimit: true, swapLimit: false, pidsLimit: false }), [
    'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.',
    'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
  ]);
  assert.deepEqual(missingLimits({}, { memoryLimit: false, pidsLimit: false, cpuQuota: false }), []);
});

test('what most containers ask for passes', () => {
  check(
    { WorkingDir: '/', StopSignal: 'SIGRTMIN+3', Env: ['A=b', 'C'] },
    {
      Memory: 64 << 20,
      MemorySwap: -1,
      CpusetCpus: '0',
      NetworkMode: 'bridge',
      PortBindings: { '80/tcp': [{ HostPort: '8000-8010' }] },
    },
  );
});
