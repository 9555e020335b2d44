import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseFlags } from '../flags.ts';
import { filesTar } from './context/files-tar.ts';
import { contextKind, isArchive } from './context-kind.ts';
import { buildFlags } from './flags.ts';
import { pickBuild } from './history/find-build.ts';
import { readOutputs } from './outputs.ts';
import { registryLogins } from './registry-logins.ts';
import { callFormat, requestOf } from './request.ts';
import { readSecret } from './secrets.ts';

const flagsOf = (...words: string[]) =>
  parseFlags(buildFlags, words, { interspersed: true, warn: () => {} }).flags;
const request = (...words: string[]) =>
  requestOf(flagsOf(...words), {
    env: { HOME: '/h', V: '1' },
    proxies: ['HTTP_PROXY=http://p', 'http_proxy=http://p'],
  });
const proxied = { HTTP_PROXY: 'http://p', http_proxy: 'http://p' };
const plain = { buildArgs: proxied, call: 'build', style: 'hoist' };

const requests: readonly (readonly [string[], object])[] = [
  [[], plain],
  [
    ['--build-arg', 'A=b=c', '--build-arg', 'V', '--build-arg', 'NONE'],
    { ...plain, buildArgs: { A: 'b=c', V: '1', ...proxied } },
  ],
  [['--build-arg', 'HTTP_PROXY='], { ...plain, buildArgs: { HTTP_PROXY: '', http_proxy: 'http://p' } }],
  [
    ['-t', 'a:1', '--tag', 'b', '--label', 'x=y', '--label', 'z'],
    { ...plain, tags: ['a:1', 'b'], labels: { x: 'y', z: '' } },
  ],
  [
    ['--annotation', 'a=b', '--annotation', 'manifest:c=d:e'],
    { ...plain, annotations: { a: 'b', c: 'd:e' } },
  ],
  [
    ['--no-cache', '--pull', '--target', 't', '--squash'],
    { ...plain, noCache: true, pull: true, target: 't', squash: true },
  ],
  [
    ['--no-cache-filter', 'a,b', '--allow', 'network.host'],
    { ...plain, noCacheFilter: ['a', 'b'], allow: ['network.host'] },
  ],
  [['--cache-from', 'a', '--cache-from', 'type=registry,ref=b'], { ...plain, cacheFrom: ['a', 'b'] }],
  [
    ['--platform', 'linux/arm64', '--network', 'host'],
    { ...plain, platform: 'linux/arm64', network: 'host' },
  ],
  [
    ['-m', '64m', '--memory-swap', '-1', '--shm-size', '1g'],
    { ...plain, memory: 64 << 20, memorySwap: -1, shmSize: 1 << 30 },
  ],
  [['--cpus', '1.5'], { ...plain, cpuPeriod: 100_000, cpuQuota: 150_000 }],
  [
    ['-c', '512', '--cpuset-cpus', '0', '--cgroup-parent', '/x'],
    { ...plain, cpuShares: 512, cpusetCpus: '0', cgroupParent: '/x' },
  ],
  [['--ulimit', 'nofile=1:2'], { ...plain, ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] }],
  [
    ['--add-host', 'h:1.2.3.4', '--security-opt', 's'],
    { ...plain, extraHosts: ['h:1.2.3.4'], securityOpt: ['s'] },
  ],
  [['--check'], { ...plain, call: 'check' }],
  [['--call', 'lint'], { ...plain, call: 'check' }],
  [['--call', 'outline,format=json', '--verify', 'i'], { ...plain, call: 'outline', verify: 'i' }],
  [['--provenance=false', '--sbom=false', '--rm', '--force-rm', '--compress'], plain],
];
for (const [words, want] of requests) {
  test(`asks for: ${words.join(' ') || 'nothing'}`, () => assert.deepEqual(request(...words), want));
}

const refused: readonly (readonly [string[], RegExp])[] = [
  [['--provenance=true'], /attestations are not supported/],
  [['--cache-to', 'type=local'], /cache export is not supported/],
  [['--platform', 'linux/amd64,linux/arm64'], /Multi-platform build is not supported/],
  [['--call', 'x'], /unsupported call "x"/],
  [['--call', 'outline', '--check'], /cannot use call "outline" with --check/],
  [['--push', '--load'], /push and load may not be set together/],
  [['--build-arg', '=x'], /invalid build argument/],
  [['--cache-from', 'type=s3,ref=x'], /cache source of type "s3" is not supported/],
];
for (const [words, message] of refused) {
  test(`refuses: ${words.join(' ')}`, () => assert.throws(() => request(...words), { message }));
}

const outputs: readonly (readonly [string[], unknown])[] = [
  [[], []],
  [['-o', 'out'], [{ asked: { type: 'local' }, dest: 'out' }]],
  [['-o', '-'], [{ asked: { type: 'tar' }, dest: '-' }]],
  [['-o', 'type=tar,dest=a.tar'], [{ asked: { type: 'tar' }, dest: 'a.tar' }]],
  [['-o', 'type=docker'], [{ asked: { type: 'image' } }]],
  [['-o', 'type=docker,dest=d.tar,name=x'], [{ asked: { type: 'docker', names: ['x'] }, dest: 'd.tar' }]],
  [['-o', 'type=oci,dest=o,compression=zstd'], [{ asked: { type: 'oci', compression: 'zstd' }, dest: 'o' }]],
  [['-o', 'type=oci,"dest=a,b"'], [{ asked: { type: 'oci' }, dest: 'a,b' }]],
  [['-o', 'type=image,"name=a,b",push=true'], [{ asked: { type: 'image', names: ['a', 'b'], push: true } }]],
  [['-o', 'type=registry'], [{ asked: { type: 'image', push: true } }]],
  [['--push'], [{ asked: { type: 'image', push: true } }]],
  [['--load'], [{ asked: { type: 'image' } }]],
];
for (const [words, want] of outputs) {
  test(`outputs: ${words.join(' ') || 'none'}`, () => assert.deepEqual(readOutputs(flagsOf(...words)), want));
}
for (const [text, message] of [
  ['type=local', /dest is required for local exporter/],
  ['type=local,dest=-', /dest cannot be stdout/],
  ['dest=x', /type is required for output/],
  ['type=x', /unsupported output type "x"/],
  ['type=oci,x', /must be a key=value pair/],
] as const) {
  test(`refuses output ${text}`, () => assert.throws(() => readOutputs(flagsOf('-o', text)), { message }));
}

test('secrets', () => {
  const has = (name: string) => name === 'TOKEN';
  assert.deepEqual(readSecret('id=a,src=/f', has), { id: 'a', from: { file: '/f' } });
  assert.deepEqual(readSecret('id=a,env=B', has), { id: 'a', from: { variable: 'B' } });
  assert.deepEqual(readSecret('id=TOKEN', has), { id: 'TOKEN', from: { variable: 'TOKEN' } });
  assert.deepEqual(readSecret('id=TOKEN,type=file', has), { id: 'TOKEN', from: { file: 'TOKEN' } });
  assert.deepEqual(readSecret('id=x', has), { id: 'x', from: { file: 'x' } });
  assert.throws(() => readSecret('id=x,foo=y', has), /unexpected key 'foo'/);
  assert.throws(() => readSecret('type=env', has), /secret missing ID/);
});

test('what the argument is', () => {
  const exists = (path: string) => path === 'github.com/here';
  const kinds: readonly (readonly [string, object])[] = [
    ['-', { kind: 'stdin' }],
    ['.', { kind: 'directory', path: '.' }],
    ['./history', { kind: 'directory', path: './history' }],
    ['https://x/y.tar.gz', { kind: 'remote', url: 'https://x/y.tar.gz' }],
    ['git@h:r.git', { kind: 'remote', url: 'git@h:r.git' }],
    ['git://h/r#main:dir', { kind: 'remote', url: 'git://h/r#main:dir' }],
    ['github.com/a/b', { kind: 'remote', url: 'https://github.com/a/b' }],
    ['github.com/here', { kind: 'directory', path: 'github.com/here' }],
  ];
  for (const [argument, want] of kinds) assert.deepEqual(contextKind(argument, exists), want);
});

test('a tar and a Dockerfile are told apart', async () => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of filesTar([])) chunks.push(chunk.slice());
  for await (const chunk of filesTar([{ name: 1, size: 0, open: () => (async function* () {})() }])) {
    assert.ok(isArchive(chunk.subarray(0, 512)));
    assert.ok(isArchive(gzipSync(chunk)));
  }
  assert.ok(!isArchive(new TextEncoder().encode('FROM scratch\n'.repeat(60)).subarray(0, 512)));
  assert.ok(!isArchive(new TextEncoder().encode('FROM scratch\n')));
});

test('formats of calls', () => {
  assert.equal(callFormat('outline'), 'text');
  assert.equal(callFormat('outline,format=json'), 'json');
  assert.throws(() => callFormat('outline,format=x'), /unsupported format "x"/);
});

test('credentials of the registries that are mentioned', () => {
  const auth = btoa('u:p');
  const hub = 'https://index.docker.io/v1/';
  const file = { auths: { [hub]: { auth }, 'a.example': { auth }, 'b.example:5000': { auth } } };
  assert.deepEqual(Object.keys(registryLogins(file, ['FROM b.example:5000/x'])).sort(), [
    'b.example:5000',
    hub,
  ]);
  assert.deepEqual(Object.keys(registryLogins(file, undefined)).sort(), ['a.example', 'b.example:5000', hub]);
});

test('a build by the beginning of its id, or its place', () => {
  const build = (id: string) => ({
    id,
    name: '',
    startedAt: '',
    outcome: 'done' as const,
    steps: 0,
    cached: 0,
  });
  const builds = [build('abc1'), build('abd2'), build('ab')];
  assert.equal(pickBuild(builds, '').id, 'abc1');
  assert.equal(pickBuild(builds, '^1').id, 'abd2');
  assert.equal(pickBuild(builds, 'abd').id, 'abd2');
  assert.equal(pickBuild(builds, 'ab').id, 'ab');
  assert.throws(() => pickBuild(builds, 'a'), /multiple builds/);
  assert.throws(() => pickBuild(builds, 'x'), /no build found/);
  assert.throws(() => pickBuild([], ''), /no builds found/);
});
