import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { createAuthority, type Pair } from '../fixtures/certificates.ts';
import { importBusybox, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';

/** The daemon and the client each have a network namespace; a cable joins them. */
const server = '10.97.0.1';
const client = '10.97.0.2';
const host = `tcp://${server}:2376`;
const tag = String(process.pid % 100_000);
const namespace = `hoist-client-${tag}`;
const directory = mkdtempSync(join(tmpdir(), 'hoist-tls-'));
const skip =
  which('docker') && which('openssl') && which('ip') ? false : 'not installed: docker, openssl or ip';

const run = (program: string, ...args: string[]) =>
  execFileSync(which(program) ?? program, args, { stdio: 'pipe' });

let engine: TestEngine;
let authority: ReturnType<typeof createAuthority>;

before(async () => {
  if (skip) return;
  authority = createAuthority(directory, 'ca');
  const own = authority.issue('server', { usage: 'serverAuth', names: `IP:${server}` });
  engine = await startHoistd({
    arguments: [
      ...['-H', 'tcp://0.0.0.0:2376', '--tlsverify', '--tlscacert', authority.certificate],
      ...['--tlscert', own.certificate, '--tlskey', own.key],
    ],
  });
  run('ip', 'netns', 'add', namespace);
  run('ip', 'link', 'add', `hc${tag}`, 'type', 'veth', 'peer', 'name', `hs${tag}`);
  run('ip', 'link', 'set', `hc${tag}`, 'netns', namespace);
  run('ip', 'link', 'set', `hs${tag}`, 'netns', String(engine.pid));
  const there = ['-t', String(engine.pid), '-n', which('ip')!];
  run('nsenter', ...there, 'addr', 'add', `${server}/24`, 'dev', `hs${tag}`);
  run('nsenter', ...there, 'link', 'set', `hs${tag}`, 'up');
  run('ip', '-n', namespace, 'addr', 'add', `${client}/24`, 'dev', `hc${tag}`);
  run('ip', '-n', namespace, 'link', 'set', `hc${tag}`, 'up');
});

after(async () => {
  await engine?.[Symbol.asyncDispose]();
  if (!skip) spawnSync(which('ip')!, ['netns', 'del', namespace]);
  rmSync(directory, { recursive: true });
});

/** What the docker client says, run where the client's end of the cable is. */
function docker(
  args: readonly string[],
  input = '',
): { readonly code: number | null; readonly output: string } {
  const env = { ...process.env, HOME: directory, DOCKER_HOST: host, DOCKER_TLS_VERIFY: '' };
  const ended = spawnSync(which('ip')!, ['netns', 'exec', namespace, 'docker', ...args], {
    env,
    input,
    encoding: 'utf8',
  });
  return { code: ended.status, output: ended.stdout + ended.stderr };
}

const verifying = (pair: Pair): string[] => [
  ...[
    '--tlsverify',
    '--tlscacert',
    authority.certificate,
    '--tlscert',
    pair.certificate,
    '--tlskey',
    pair.key,
  ],
];

test('the right certificate gets in', { skip }, () => {
  const right = authority.issue('right', { usage: 'clientAuth' });
  const got = docker([...verifying(right), 'version', '--format', '{{.Server.APIVersion}}']);
  assert.deepEqual(got, { code: 0, output: '1.51\n' });
});

test('a certificate of another authority does not', { skip }, () => {
  const folder = join(directory, 'other');
  mkdirSync(folder);
  const wrong = createAuthority(folder, 'other').issue('wrong', { usage: 'clientAuth' });
  refused(docker([...verifying(wrong), 'version']));
});

test('an expired certificate does not', { skip }, () => {
  refused(docker([...verifying(authority.issue('old', { usage: 'clientAuth', days: -1 })), 'version']));
});

test('a server’s certificate is no client’s', { skip }, () => {
  refused(docker([...verifying(authority.issue('servers', { usage: 'serverAuth' })), 'version']));
});

test('no certificate does not', { skip }, () => {
  mkdirSync(join(directory, '.docker'), { recursive: true });
  copyFileSync(authority.certificate, join(directory, '.docker/ca.pem'));
  refused(docker(['--tlsverify', 'version']));
});

test('plain TCP gets nothing', { skip }, () => {
  const got = docker(['version']);
  assert.notEqual(got.code, 0);
  assert.doesNotMatch(got.output, /Hoist/);
});

test('streams work over TLS, each direction ending by itself', { skip }, () => {
  const right = authority.issue('streams', { usage: 'clientAuth' });
  const events = docker([...verifying(right), 'events', '--since', '0', '--until', '1']);
  assert.equal(events.code, 0, events.output);
  importBusybox(engine);
  const args = [...verifying(right), 'run', '--rm', '-i', 'busybox', 'sh', '-c', 'cat; echo end'];
  assert.deepEqual(docker(args, 'over the wire\n'), { code: 0, output: 'over the wire\nend\n' });
});

function refused({ code, output }: { readonly code: number | null; readonly output: string }): void {
  assert.notEqual(code, 0);
  assert.doesNotMatch(output, /Hoist/);
  assert.match(output, /error during connect|[Cc]annot connect|tls: |certificate/);
}
