import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { importBusybox, installed, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { type HubProcess, runHub, startHub, trusted } from '../fixtures/hub-program.ts';

const missing = ['docker', 'nsenter', 'ip', 'openssl'].filter((program) => !installed(program));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
const password = 'correct horse battery';
/** Of the engine's network alone, and no loopback: docker asks for a certificate there. */
const address = '192.0.2.77';
const tlsHost = `${address}:5443`;

suite('an engine and the program hoist-hub', { skip }, () => {
  let engine: TestEngine;
  let folder: string;
  let data: string;
  let hub: HubProcess;
  let trust: Disposable | undefined;
  const host = '127.0.0.1:5000';

  const docker = (user: string, args: readonly string[], input = ''): string =>
    execFileSync('docker', ['-H', engine.host, ...args], {
      ...{ encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 },
      env: { ...process.env, DOCKER_CONFIG: join(folder, user), DOCKER_HOST: undefined },
    });
  const fails = (user: string, ...args: string[]): string => {
    try {
      docker(user, args);
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
    throw new Error(`docker ${args.join(' ')} did not fail`);
  };
  const login = (where: string) =>
    docker('alice', ['login', '-u', 'alice', '--password-stdin', where], password);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hub-engines-'));
    data = join(folder, 'hub');
    await runHub(['user', 'add', 'alice', '--admin', '--password-stdin', '--data', data], {
      input: password,
    });
    engine = await startHoistd();
    engine.beside('ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
    importBusybox(engine);
    hub = await startHub(data, { listen: host, beside: engine });
  });
  after(async () => {
    await hub?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    trust?.[Symbol.dispose]();
  });

  test('docker signs in, pushes, and a stranger pulls and runs what was made public', async () => {
    const image = `${host}/alice/tool:v1`;
    docker('alice', ['tag', 'busybox', image]);
    assert.match(fails('alice', 'push', image), /denied|unauthorized|authentication required/);
    assert.match(login(host), /Login Succeeded/);
    assert.match(docker('alice', ['push', image]), /v1: digest: sha256:/);
    docker('alice', ['rmi', image]);
    fails('stranger', 'pull', image);
    const set = await runHub(['repo', 'set', 'alice/tool', '--public', '--data', data]);
    assert.equal(set.stdout, 'alice/tool is public\n');
    assert.match(docker('stranger', ['pull', image]), /Downloaded newer image|up to date/);
    assert.equal(docker('stranger', ['run', '--rm', image, 'echo', 'from the hub']), 'from the hub\n');
    await runHub(['repo', 'set', 'alice/tool', '--private', '--data', data]);
    docker('alice', ['rmi', image]);
    fails('stranger', 'pull', image);
  });

  test('docker search finds what is public', async () => {
    await runHub(['repo', 'set', 'alice/tool', '--public', '--data', data]);
    assert.match(docker('stranger', ['search', `${host}/tool`]), /alice\/tool/);
  });

  test('a certificate that the Hub made is trusted once the engine is given it', async () => {
    await hub.end();
    hub = await startHub(data, { listen: tlsHost, arguments: ['--tls-self-signed'], beside: engine });
    assert.equal(hub.url, `https://${tlsHost}`);
    const image = `${tlsHost}/alice/tool:v1`;
    assert.match(fails('alice', 'pull', image), /certificate/);
    trust = trusted(tlsHost, join(data, 'tls/certificate.pem'));
    assert.match(login(tlsHost), /Login Succeeded/);
    docker('alice', ['pull', image]);
    docker('alice', ['tag', image, `${tlsHost}/alice/tool:v2`]);
    assert.match(docker('alice', ['push', `${tlsHost}/alice/tool:v2`]), /v2: digest/);
  });

  test('the certificate stays from one start to the next, and is made anew for another name', async () => {
    const certificate = join(data, 'tls/certificate.pem');
    const first = readFileSync(certificate, 'utf8');
    await hub.end();
    hub = await startHub(data, { listen: tlsHost, arguments: ['--tls-self-signed'], beside: engine });
    assert.equal(readFileSync(certificate, 'utf8'), first);
    await hub.end();
    const named = ['--tls-self-signed', '--public-url', 'https://hub.example.org'];
    hub = await startHub(data, { listen: tlsHost, arguments: named, beside: engine });
    assert.notEqual(readFileSync(certificate, 'utf8'), first);
  });

  test('files of a certificate are read anew on SIGHUP', async () => {
    await hub.end();
    const [certificate, key] = [join(data, 'tls/certificate.pem'), join(data, 'tls/key.pem')];
    const other = join(folder, 'other');
    await runHub(['user', 'add', 'x', '--password-stdin', '--data', other], { input: password });
    hub = await startHub(data, {
      ...{ listen: tlsHost, beside: engine },
      arguments: ['--tls-cert', certificate, '--tls-key', key],
    });
    const shown = () =>
      engine.beside(
        'sh',
        '-c',
        `echo | openssl s_client -connect ${tlsHost} 2>/dev/null | openssl x509 -noout -serial`,
      );
    const first = shown();
    const made = await startHub(other, { arguments: ['--tls-self-signed'] });
    await made.end();
    for (const name of ['certificate.pem', 'key.pem'])
      execFileSync('cp', [join(other, 'tls', name), join(data, 'tls', name)]);
    process.kill(hub.pid, 'SIGHUP');
    for (let tries = 0; tries < 100 && !hub.output().includes('read the certificate anew'); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.notEqual(shown(), first);
  });
});
