import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { createAuthority, type Pair } from '../fixtures/certificates.ts';
import { importBusybox, installed, root, startHoistd, type TestEngine } from '../fixtures/engines.ts';

/** `hoist` with a daemon elsewhere: over TLS, and through `ssh HOST hoist system dial-stdio`. */
const missing = ['docker', 'openssl', 'nsenter'].find((program) => !installed(program));
const skip = missing === undefined ? false : `${missing} is not installed`;
const folder = mkdtempSync(join(tmpdir(), 'hoist-remote-'));
const hoist = join(root, 'bin/hoist');
let engine: TestEngine;
let authority: ReturnType<typeof createAuthority>;

before(async () => {
  if (skip !== false) return;
  authority = createAuthority(folder, 'ca');
  const own = authority.issue('server', { usage: 'serverAuth', names: 'IP:127.0.0.1' });
  const secured = [
    '--tlsverify',
    '--tlscacert',
    authority.certificate,
    '--tlscert',
    own.certificate,
    '--tlskey',
    own.key,
  ];
  engine = await startHoistd({ arguments: ['-H', 'tcp://127.0.0.1:2376', ...secured] });
  importBusybox(engine);
  // in the place of ssh: notes how it was called, and runs the command on this machine
  const ssh = `#!/bin/sh\necho "$@" >> ${folder}/called\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec "$@"\n`;
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/ssh'), ssh);
  writeFileSync(join(folder, 'bin/hoist'), `#!/bin/sh\nexec ${hoist} "$@"\n`);
  for (const name of ['ssh', 'hoist']) chmodSync(join(folder, 'bin', name), 0o755);
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function run(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
  const done = spawnSync('nsenter', ['-t', String(engine.pid), '-n', hoist, ...args], {
    input,
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, PATH: path, HOME: folder, ...env },
  });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}

const secured = (pair: Pair) => [
  '-H',
  'tcp://127.0.0.1:2376',
  '--tlsverify',
  '--tlscacert',
  authority.certificate,
  '--tlscert',
  pair.certificate,
  '--tlskey',
  pair.key,
];

test('the right certificate gets in, streams and all', { skip }, () => {
  const right = authority.issue('right', { usage: 'clientAuth' });
  assert.deepEqual(run([...secured(right), 'version', '-f', '{{.Server.APIVersion}}']), {
    code: 0,
    stdout: '1.51\n',
    stderr: '',
  });
  const echoed = run(
    [...secured(right), 'run', '--rm', '-i', 'busybox', 'sh', '-c', 'cat; echo end; exit 3'],
    { input: 'over the wire\n' },
  );
  assert.deepEqual(echoed, { code: 3, stdout: 'over the wire\nend\n', stderr: '' });
});

test('certificates by the environment', { skip }, () => {
  const pair = authority.issue('environment', { usage: 'clientAuth' });
  const certificates = join(folder, 'certificates');
  mkdirSync(certificates);
  for (const [from, to] of [
    [authority.certificate, 'ca.pem'],
    [pair.certificate, 'cert.pem'],
    [pair.key, 'key.pem'],
  ] as const)
    copyFileSync(from, join(certificates, to));
  const env = { DOCKER_HOST: 'tcp://127.0.0.1:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates };
  assert.deepEqual(run(['ps', '-q'], { env }), { code: 0, stdout: '', stderr: '' });
  assert.deepEqual(
    run(['ps', '-q'], {
      env: { ...env, DOCKER_HOST: 'tcp://nowhere.invalid:1', HOIST_HOST: env.DOCKER_HOST },
    }).code,
    0,
  );
});

const refused: [string, () => readonly string[]][] = [
  [
    'a certificate of another authority',
    () => {
      mkdirSync(join(folder, 'other'));
      return secured(createAuthority(join(folder, 'other'), 'other').issue('wrong', { usage: 'clientAuth' }));
    },
  ],
  ['an expired certificate', () => secured(authority.issue('old', { usage: 'clientAuth', days: -1 }))],
  [
    'no certificate',
    () => ['-H', 'tcp://127.0.0.1:2376', '--tlsverify', '--tlscacert', authority.certificate],
  ],
  ['no TLS', () => ['-H', 'tcp://127.0.0.1:2376']],
  [
    'a server of another name',
    () => {
      const [, , ...rest] = secured(authority.issue('name', { usage: 'clientAuth' }));
      return ['-H', 'tcp://localhost:2376', ...rest];
    },
  ],
];
for (const [name, args] of refused) {
  test(`${name} does not get in`, { skip }, () => {
    const { code, stdout, stderr } = run([...args(), 'ps']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Cannot connect to the Hoist daemon at tcp:\/\/\S+:2376|closed the connection/);
  });
}

test('through ssh', { skip }, () => {
  const host = `ssh://me@there:2222${engine.socket}`;
  assert.deepEqual(run(['-H', host, 'version', '-f', '{{.Server.APIVersion}}']), {
    code: 0,
    stdout: '1.51\n',
    stderr: '',
  });
  const echoed = run(['-H', host, 'run', '--rm', '-i', 'busybox', 'sh', '-c', 'cat; echo end; exit 3'], {
    input: 'over the wire\n',
  });
  assert.deepEqual(echoed, { code: 3, stdout: 'over the wire\nend\n', stderr: '' });
  const called = readFileSync(join(folder, 'called'), 'utf8').split('\n')[0];
  assert.equal(
    called,
    `-o ConnectTimeout=30 -T -l me -p 2222 -- there hoist --host unix://${engine.socket} system dial-stdio`,
  );
});

test('ssh that fails says why', { skip }, () => {
  writeFileSync(join(folder, 'bin/ssh'), '#!/bin/sh\necho "ssh: no route to there" >&2\nexit 255\n');
  const { code, stderr } = run(['-H', 'ssh://there', 'ps']);
  assert.equal(code, 1);
  assert.match(stderr, /ssh ended with exit status 255: ssh: no route to there/);
});
