import assert from 'node:assert/strict';
import test from 'node:test';
import { buildParameters } from './build-parameters.ts';

const queryOf = (values: Readonly<Record<string, string | readonly string[]>>): URLSearchParams =>
  new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) =>
      [value].flat().map((each): [string, string] => [name, each as string]),
    ),
  );

test('every parameter is read', () => {
  const query = queryOf({
    dockerfile: 'a/Dockerfile',
    t: ['web', 'docker.io/library/web:latest', 'r.example:5000/web:1'],
    extrahosts: ['a:1.2.3.4', '["b:1.2.3.5","c:::1"]'],
    remote: 'https://example.com/x.git#main:dir',
    q: '1',
    nocache: '1',
    cachefrom: '["a","b"]',
    pull: '1',
    rm: '0',
    memory: '67108864',
    memswap: '-1',
    cpushares: '5',
    cpusetcpus: '0,1',
    cpusetmems: '0',
    cpuperiod: '100000',
    cpuquota: '50000',
    buildargs: '{"A":"1","B":null}',
    shmsize: '1024',
    squash: '1',
    labels: '{"k":"v"}',
    networkmode: 'host',
    platform: '{"os":"linux","architecture":"arm64"}',
    target: 'final',
    outputs: '[]',
    version: '1',
    ulimits: '[{"Name":"nofile","Hard":20,"Soft":10}]',
    securityopt: '[]',
    cgroupparent: '/x',
    isolation: 'default',
    session: 's',
    buildid: 'abcdef0123456789',
  });
  assert.deepEqual(buildParameters(query), {
    request: {
      id: 'abcdef0123456789',
      context: { kind: 'remote', url: 'https://example.com/x.git#main:dir' },
      dockerfile: 'a/Dockerfile',
      target: 'final',
      platform: 'linux/arm64',
      network: 'host',
      tags: ['web:latest', 'r.example:5000/web:1'],
      buildArgs: { A: '1', B: null },
      labels: { k: 'v' },
      cacheFrom: ['a', 'b'],
      extraHosts: ['a:1.2.3.4', 'b:1.2.3.5', 'c:::1'],
      ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
      pull: true,
      noCache: true,
      squash: true,
      memory: 67108864,
      memorySwap: -1,
      cpuShares: 5,
      cpuPeriod: 100000,
      cpuQuota: 50000,
      cpusetCpus: '0,1',
      cpusetMems: '0',
      cgroupParent: '/x',
      shmSize: 1024,
      removeIntermediate: false,
    },
    quiet: true,
    remove: false,
    version: '1',
  });
});

const removals: [query: string, want: boolean | 'force'][] = [
  ['', true],
  ['rm=1', true],
  ['rm=0', false],
  ['rm=0&forcerm=1', 'force'],
  ['forcerm=0', true],
];
for (const [query, want] of removals) {
  test(`containers are removed with ${JSON.stringify(query)}: ${want}`, () => {
    assert.equal(buildParameters(new URLSearchParams(query)).remove, want);
  });
}

const loose: [name: string, value: string][] = [
  ['memory', 'x'],
  ['cpushares', '1.5'],
  ['buildid', 'no/id'],
  ['t', ''],
  ['labels', 'null'],
];
for (const [name, value] of loose) {
  test(`${name}=${value} is as good as absent`, () => {
    assert.deepEqual(
      buildParameters(new URLSearchParams({ [name]: value })),
      buildParameters(new URLSearchParams()),
    );
  });
}

// dockerd's own words
const refused: [name: string, value: string, message: string][] = [
  ['buildargs', 'x', "error reading build args: invalid character 'x' looking for beginning of value"],
  ['buildargs', '{"A"', 'error reading build args: unexpected end of JSON input'],
  [
    'buildargs',
    '[]',
    'error reading build args: json: cannot unmarshal array into Go value of type map[string]string',
  ],
  ['labels', 'x', "error reading labels: invalid character 'x' looking for beginning of value"],
  ['ulimits', 'x', "error reading ulimit settings: invalid character 'x' looking for beginning of value"],
  ['cachefrom', 'x', "invalid character 'x' looking for beginning of value"],
  ['outputs', 'x', "invalid character 'x' looking for beginning of value"],
  ['shmsize', 'x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['version', '3', 'invalid version "3"'],
  ['isolation', 'zz', 'Unsupported isolation: "zz"'],
  [
    'securityopt',
    '["a=b"]',
    'The daemon on this platform does not support setting security options on build',
  ],
  ['remote', 'zzz', 'remoteURL (zzz) could not be recognized as URL'],
  ['t', `a@sha256:${'a'.repeat(64)}`, 'build tag cannot contain a digest'],
  ['t', ':', 'invalid reference format'],
];
for (const [name, value, message] of refused) {
  test(`${name}=${value} is refused`, () => {
    assert.throws(() => buildParameters(new URLSearchParams({ [name]: value })), {
      kind: 'invalid',
      message,
    });
  });
}

test("BuildKit's own word in the place of an address is left to its version", () => {
  const { version } = buildParameters(new URLSearchParams({ remote: 'client-session', version: '2' }));
  assert.equal(version, '2');
});
