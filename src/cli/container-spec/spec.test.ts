import assert from 'node:assert/strict';
import test from 'node:test';
import { parseFlags } from '../flags.ts';
import { readEnv } from './env.ts';
import { containerFlags } from './flags.ts';
import { parseGoDuration } from './go-duration.ts';
import { parseRestart } from './limits.ts';
import { csvFields, parseMount, parseTmpfs, parseVolumes } from './mounts.ts';
import { parseNetwork } from './networks.ts';
import { parseExpose, parsePublish } from './ports.ts';
import { parseCpus, parseDevice, parseGpus, parseThrottle, parseUlimit } from './resources.ts';
import { effectiveCapabilities } from './security.ts';
import { containerSpec } from './spec.ts';

const published: [string, Record<string, { HostIp: string; HostPort: string }[]>][] = [
  ['80', { '80/tcp': [{ HostIp: '', HostPort: '' }] }],
  ['8080:80', { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }],
  ['127.0.0.1:8080:80/udp', { '80/udp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] }],
  ['127.0.0.1::80', { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }],
  ['[::1]:8080:80', { '80/tcp': [{ HostIp: '::1', HostPort: '8080' }] }],
  [
    '8000-8001:80-81',
    { '80/tcp': [{ HostIp: '', HostPort: '8000' }], '81/tcp': [{ HostIp: '', HostPort: '8001' }] },
  ],
  ['8000-8001:80', { '80/tcp': [{ HostIp: '', HostPort: '8000-8001' }] }],
  ['80/SCTP', { '80/sctp': [{ HostIp: '', HostPort: '' }] }],
  ['target=80,published=8080', { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }],
];
for (const [spec, bindings] of published) {
  test(`publish ${spec}`, () =>
    assert.deepEqual(parsePublish([spec]), {
      bindings,
      exposed: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    }));
}
const unpublished: [string, string][] = [
  ['foo', 'invalid containerPort: foo'],
  ['x:80', 'invalid hostPort: x'],
  ['99999:80', 'invalid hostPort: 99999'],
  ['1:2:3:4', 'invalid IP address: 1:2'],
  ['1-2:1-3', 'invalid ranges specified for container and host Ports: 1-3 and 1-2'],
  ['80/foo', 'invalid proto: foo'],
  ['8080:', 'no port specified: 8080:<empty>'],
  ['9-8', 'invalid containerPort: 9-8'],
];
for (const [spec, message] of unpublished) {
  test(`publish refuses ${spec}`, () => assert.throws(() => parsePublish([spec]), { message }));
}
test('expose', () => {
  assert.deepEqual(parseExpose(['80', '90-91/udp']), ['80/tcp', '90/udp', '91/udp']);
  assert.throws(() => parseExpose(['1:2']), { message: 'invalid port format for --expose: 1:2' });
});

const mounts: [string, object][] = [
  ['type=bind,source=/a,target=/b,readonly', { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true }],
  ['src=v,dst=/c', { Type: 'volume', Source: 'v', Target: '/c' }],
  [
    'type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=1777',
    { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1777 } },
  ],
  [
    'type=volume,dst=/c,volume-nocopy,volume-label=a=b,volume-driver=d,volume-opt=x=y',
    {
      Type: 'volume',
      Target: '/c',
      VolumeOptions: { NoCopy: true, Labels: { a: 'b' }, DriverConfig: { Name: 'd', Options: { x: 'y' } } },
    },
  ],
  [
    'type=bind,src=/a,dst=/b,bind-propagation=rslave,ro=false',
    { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { Propagation: 'rslave' }, ReadOnly: false },
  ],
];
for (const [text, mount] of mounts) test(`mount ${text}`, () => assert.deepEqual(parseMount(text), mount));
const badMounts: [string, string][] = [
  ['foo', "invalid field 'foo' must be a key=value pair"],
  ['type=bind', 'target is required'],
  ['a=b,target=/x', "unexpected key 'a' in 'a=b'"],
  ['type=bind,target=/x,tmpfs-size=1', "cannot mix 'tmpfs-*' options with mount type 'bind'"],
];
for (const [text, message] of badMounts)
  test(`mount refuses ${text}`, () => assert.throws(() => parseMount(text), { message }));

test('volumes, tmpfs, comma-separated fields', () => {
  assert.deepEqual(parseVolumes(['/data', '/a:/b:ro', 'v:/c']), {
    binds: ['/a:/b:ro', 'v:/c'],
    volumes: { '/data': {} },
  });
  assert.deepEqual(parseVolumes(['./x:/y']).binds, [`${process.cwd()}/x:/y`]);
  assert.deepEqual(parseTmpfs(['/t', '/u:size=1m']), { '/t': '', '/u': 'size=1m' });
  assert.deepEqual(csvFields('a=1,"b=2,3","c=""q"""'), ['a=1', 'b=2,3', 'c="q"']);
});

test('environment', () => {
  assert.equal(readEnv('A=1'), 'A=1');
  assert.equal(readEnv('NOT_SET_ANYWHERE'), 'NOT_SET_ANYWHERE');
  assert.throws(() => readEnv('=x'), { message: 'invalid environment variable: =x' });
});

const durations: [string, number][] = [
  ['0', 0],
  ['1s', 1e9],
  ['1h30m', 5.4e12],
  ['1.5s', 1.5e9],
  ['-2ms', -2e6],
  ['3us4ns', 3004],
];
for (const [text, nanoseconds] of durations)
  test(`duration ${text}`, () => assert.equal(parseGoDuration(text), nanoseconds));
for (const text of ['', 'x', '1x', '1s2'])
  test(`no duration "${text}"`, () => assert.throws(() => parseGoDuration(text), /invalid duration/));
test('a duration without a unit', () =>
  assert.throws(() => parseGoDuration('15'), { message: 'time: missing unit in duration "15"' }));

test('resources', () => {
  assert.deepEqual(parseUlimit('nofile=1:2'), { Name: 'nofile', Soft: 1, Hard: 2 });
  assert.deepEqual(parseUlimit('core=0'), { Name: 'core', Soft: 0, Hard: 0 });
  assert.throws(() => parseUlimit('x'), { message: 'invalid ulimit argument: x' });
  assert.throws(() => parseUlimit('nofile=2:1'), {
    message: 'ulimit soft limit must be less than or equal to hard limit: 2 > 1',
  });
  assert.deepEqual(['1.5', '.25', '2', '0.000000001'].map(parseCpus), [1.5e9, 2.5e8, 2e9, 1]);
  assert.throws(() => parseCpus('0.0000000001'), { message: 'value is too precise' });
  assert.deepEqual(parseDevice('/dev/a:/dev/b:r'), {
    PathOnHost: '/dev/a',
    PathInContainer: '/dev/b',
    CgroupPermissions: 'r',
  });
  assert.deepEqual(parseDevice('/dev/a:rw'), {
    PathOnHost: '/dev/a',
    PathInContainer: '/dev/a',
    CgroupPermissions: 'rw',
  });
  assert.deepEqual(parseThrottle('/dev/sda:1mb', 'bytes'), { Path: '/dev/sda', Rate: 1048576 });
  assert.deepEqual(parseGpus('all').Count, -1);
  assert.deepEqual(parseGpus('device=1').DeviceIDs, ['1']);
});

test('networks, restart policies, capabilities', () => {
  assert.deepEqual(parseNetwork('net'), { name: 'net', endpoint: {} });
  assert.deepEqual(parseNetwork('name=n,alias=a,alias=b,ip=10.0.0.2'), {
    name: 'n',
    endpoint: { Aliases: ['a', 'b'], IPAMConfig: { IPv4Address: '10.0.0.2' } },
  });
  assert.deepEqual(parseRestart('on-failure:3'), { Name: 'on-failure', MaximumRetryCount: 3 });
  assert.throws(() => parseRestart('x:y'), {
    message: 'invalid restart policy format: maximum retry count must be an integer',
  });
  assert.deepEqual(effectiveCapabilities(['net_admin', 'CAP_SYS_TIME'], ['ALL', 'chown']), {
    add: ['CAP_NET_ADMIN', 'CAP_SYS_TIME'],
    drop: ['ALL'],
  });
  assert.deepEqual(effectiveCapabilities(['chown'], ['CAP_CHOWN', 'KILL']), {
    add: ['CAP_CHOWN'],
    drop: ['CAP_KILL'],
  });
});

const spec = (line: string) =>
  containerSpec(parseFlags(containerFlags, line.split(' '), { interspersed: false, warn: () => {} }), {
    detached: false,
    configFile: { proxies: { default: { httpProxy: 'http://p' } } },
    host: 'unix:///x',
  });

test('a container as a whole', () => {
  const { name, config, hostConfig, networkingConfig } = spec(
    '--name web -it -e A=1 -p 8080:80 --rm -m 1g --stop-timeout 0 image sh -c -x',
  );
  assert.equal(name, 'web');
  assert.deepEqual(config.Env, ['HTTP_PROXY=http://p', 'http_proxy=http://p', 'A=1']);
  assert.deepEqual(
    [config.Image, config.Cmd, config.Tty, config.StdinOnce, config.StopTimeout],
    ['image', ['sh', '-c', '-x'], true, true, 0],
  );
  assert.deepEqual([config.AttachStdin, config.AttachStdout, config.AttachStderr], [true, true, true]);
  assert.deepEqual(
    [hostConfig?.AutoRemove, hostConfig?.Memory, hostConfig?.NetworkMode],
    [true, 2 ** 30, 'default'],
  );
  assert.deepEqual(networkingConfig, { EndpointsConfig: { default: {} } });
});
