import assert from 'node:assert/strict';
import test from 'node:test';
import { hostsFile, hostsFileOfHost, withAddresses } from './hosts-file.ts';

const localhost = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
  '',
].join('\n');

test('a container with an address: its names come last', () => {
  const text = hostsFile({ hostname: 'web', domainname: 'example.org', addresses: ['172.17.0.2'] });
  assert.equal(text, `${localhost}172.17.0.2\tweb.example.org web\n`);
});

test('extra hosts come before the container, in either spelling', () => {
  const text = hostsFile({
    hostname: 'web',
    addresses: ['172.17.0.2'],
    extraHosts: ['db:10.0.0.1', 'v6=[2001:db8::1]', 'gate:host-gateway', 'six:2001:db8::2'],
    hostGateway: '172.17.0.1',
  });
  const extra = '10.0.0.1\tdb\n2001:db8::1\tv6\n172.17.0.1\tgate\n2001:db8::2\tsix\n';
  assert.equal(text, `${localhost}${extra}172.17.0.2\tweb\n`);
});

test('no network: localhost alone', () => {
  assert.equal(hostsFile({ hostname: 'web', addresses: [] }), localhost);
});

test("in the host's network: the host's file and the extra hosts", () => {
  assert.equal(
    hostsFileOfHost('127.0.0.1 localhost', { extraHosts: ['a:1.2.3.4'] }),
    '127.0.0.1 localhost\n1.2.3.4\ta\n',
  );
});

const changes: readonly [
  name: string,
  lines: readonly string[],
  before: readonly string[],
  addresses: readonly string[],
  want: readonly string[],
][] = [
  ['one more', ['1\tweb'], ['1'], ['1', '2'], ['1\tweb', '2\tweb']],
  ['one less', ['1\tweb', '2\tweb'], ['1', '2'], ['2'], ['2\tweb']],
  ['none left', ['1\tweb'], ['1'], [], []],
  ['the same', ['1\tweb'], ['1'], ['1'], ['1\tweb']],
  ['told again', ['2\tweb'], ['1', '2'], ['2'], ['2\tweb']],
  ['what it wrote stays', ['1\tweb', '3\tweb x', '# 1\tweb'], ['1'], [], ['3\tweb x', '# 1\tweb']],
  ['what it took out comes back', ['9\tx'], ['1'], ['1', '2'], ['9\tx', '1\tweb', '2\tweb']],
  ['an empty file', [], ['1'], ['1'], ['1\tweb']],
];
for (const [name, lines, before, addresses, want] of changes)
  test(`other addresses: ${name}`, () => {
    const text = lines.map((line) => `${line}\n`).join('');
    assert.equal(
      withAddresses(text, { hostname: 'web', addresses }, before),
      want.map((line) => `${line}\n`).join('') || '\n',
    );
  });
