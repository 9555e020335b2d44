import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { parseCommandLine } from './command-line.ts';
import { readConfigFile } from './config-file.ts';
import { settingsFrom } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'hoist-config-'));
const path = join(directory, 'daemon.json');
after(() => rmSync(directory, { recursive: true }));

function read(document: unknown, args: readonly string[] = []) {
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  const given = parseCommandLine(args);
  const file = readConfigFile(path, given, true);
  return { file, settings: settingsFrom(given, file) };
}

test('flags and file add up', () => {
  const { settings } = read(
    {
      debug: true,
      hosts: ['unix:///tmp/a.sock'],
      labels: ['a=b'],
      'default-ulimits': { nofile: { Hard: 9 } },
    },
    ['--data-root', '/tmp/data', '--bridge', 'x0'],
  );
  assert.equal(settings.logLevel, 'debug');
  assert.deepEqual(settings.addresses, [{ kind: 'unix', path: '/tmp/a.sock' }]);
  assert.deepEqual(settings.engine, {
    labels: ['a=b'],
    bridge: 'x0',
    defaultUlimits: { nofile: { Name: 'nofile', Soft: 9, Hard: 9 } },
    dataRoot: '/tmp/data',
    runRoot: '/run/hoist',
    debug: true,
  });
});

test('keys of dockerd that mean nothing here are told', () => {
  assert.deepEqual(read({ features: { buildkit: true }, 'exec-opts': [] }).file.withoutEffect, [
    'features',
    'exec-opts',
  ]);
});

test('an empty file says nothing', () => assert.equal(read('').file.values.size, 0));

const refusals: [name: string, document: unknown, args: readonly string[], message: RegExp][] = [
  ['an unknown key', { debug: true, foo: 1, bar: 2 }, [], /don't match any configuration option: foo, bar$/],
  [
    'a key that is a flag too',
    { debug: true, hosts: ['unix:///x'] },
    ['-D', '-H', 'unix:///y'],
    /specified both as a flag and in the configuration file: debug: \(from flag: true, from file: true\), hosts: \(from flag: \[unix:\/\/\/y\], from file: \[unix:\/\/\/x\]\)$/,
  ],
  [
    'a wrong type',
    { debug: 'x' },
    [],
    /json: cannot unmarshal string into Go struct field Config\.debug of type bool$/,
  ],
  ['half a document', '{"debug":', [], /^unable to configure the daemon with file .*daemon\.json: /],
  ['a list', '[]', [], /cannot unmarshal/],
  ['a label without a value', { labels: ['a'] }, [], /^bad attribute format: a$/],
  ['a mirror that is no URL', { 'registry-mirrors': ['ftp://a'] }, [], /^invalid mirror/],
  ['bridge and bip together', { bridge: 'a', bip: '10.0.0.1/8' }, [], /mutually exclusive/],
  ['an unknown level', { 'log-level': 'loud' }, [], /^invalid logging level: loud$/],
  ['an address of another kind', { hosts: ['fd://'] }, [], /^Invalid bind address format: fd:\/\/$/],
];
for (const [name, document, args, message] of refusals) {
  test(`refused: ${name}`, () => assert.throws(() => read(document, args), { kind: 'invalid', message }));
}

test('a file asked for must be there, the standard one need not', () => {
  assert.throws(() => readConfigFile('/nowhere/daemon.json', new Map(), true), /no such file/);
  assert.equal(readConfigFile('/nowhere/daemon.json', new Map(), false).values.size, 0);
});
