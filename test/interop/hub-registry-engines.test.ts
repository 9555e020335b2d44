import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { untilListening } from '../fixtures/docker-client.ts';
import { installed, root, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';
import { noise, tarOf } from '../fixtures/images.ts';
import { password } from '../fixtures/registry-conformance-hub.ts';

const clients = [
  ['docker', which('docker') ?? 'docker'],
  ['hoist', join(root, 'bin/hoist')],
] as const;
const missing = ['docker', 'nsenter'].filter((program) => !installed(program));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
const serve = join(root, 'test/fixtures/registry-conformance-serve.ts');

suite('engines sign in to the Hub, push and pull', { skip }, () => {
  let engine: TestEngine;
  let folder: string;
  const hub = '127.0.0.1:5000';

  before(async () => {
    engine = await startHoistd({ arguments: ['--bridge', 'none'] });
    folder = mkdtempSync(join(tmpdir(), 'hub-engines-'));
    writeFileSync(join(folder, 'image.tar'), tarOf({ 'bin/tool': noise(2_000_000, 3) }));
    engine.spawnBeside(process.execPath, serve, join(folder, 'hub'), '5000', 'alice', 'bob');
    await untilListening(engine, 5000);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, program] of clients) {
    const runAs = (user: string, args: readonly string[], input = ''): string =>
      execFileSync(program, args, {
        encoding: 'utf8',
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: 30_000,
        env: {
          ...process.env,
          DOCKER_HOST: engine.host,
          DOCKER_CONFIG: join(folder, name, user),
          HOIST_CONFIG: join(folder, name, user),
        },
      });
    const fails = (user: string, ...args: string[]): string => {
      try {
        runAs(user, args);
      } catch (error) {
        return (error as { stderr: string }).stderr.trim();
      }
      throw new Error(`${args.join(' ')} did not fail`);
    };
    const signIn = (user: string) => runAs(user, ['login', '-u', user, '--password-stdin', hub], password);

    test(`${name}: what is pushed comes back; a private image is there for its owner alone`, () => {
      const image = `${hub}/alice/${name}-tool:v1`;
      const id = runAs('alice', ['import', join(folder, 'image.tar'), image]).trim();
      assert.match(fails('nobody', 'push', image), /denied|unauthorized|authentication required/);
      assert.match(signIn('alice'), /Login Succeeded/);
      const pushed = runAs('alice', ['push', image]);
      const digest = /v1: digest: (sha256:[a-f0-9]{64}) size: \d+/.exec(pushed)?.[1];
      assert.ok(digest !== undefined, pushed);
      runAs('alice', ['push', image]);
      runAs('alice', ['rmi', image]);
      const missing = `${hub}/alice/${name}-none:v1`;
      for (const user of ['nobody', 'bob']) {
        if (user === 'bob') signIn('bob');
        assert.equal(
          fails(user, 'pull', image).replaceAll(image, 'IMAGE').replaceAll(image.split(':v1')[0]!, 'IMAGE'),
          fails(user, 'pull', missing)
            .replaceAll(missing, 'IMAGE')
            .replaceAll(missing.split(':v1')[0]!, 'IMAGE'),
          'hidden and missing read alike',
        );
      }
      assert.match(runAs('alice', ['pull', image]), new RegExp(digest));
      assert.equal(runAs('alice', ['inspect', '-f', '{{.Id}}', image]).trim(), id);
      runAs('alice', ['rmi', image]);
      runAs('alice', ['pull', `${hub}/alice/${name}-tool@${digest}`]);
      runAs('alice', ['rmi', `${hub}/alice/${name}-tool@${digest}`]);
    });

    test(`${name}: no place in another's account, and no name without an owner`, () => {
      signIn('bob');
      const image = `${hub}/alice/${name}-intruder:v1`;
      runAs('bob', ['import', join(folder, 'image.tar'), image]);
      assert.match(fails('bob', 'push', image), /denied|not known/);
      const bare = `${hub}/${name}-bare:v1`;
      runAs('bob', ['tag', image, bare]);
      assert.match(fails('bob', 'push', bare), /owner\/name|denied/);
      for (const one of [image, bare]) runAs('bob', ['rmi', one]);
    });

    test(`${name}: layers that another repository has are mounted`, () => {
      signIn('alice');
      const [first, second] = [`${hub}/alice/${name}-first:v1`, `${hub}/alice/${name}-second:v1`];
      runAs('alice', ['import', join(folder, 'image.tar'), first]);
      runAs('alice', ['push', first]);
      runAs('alice', ['tag', first, second]);
      assert.match(runAs('alice', ['push', second]), new RegExp(`Mounted from alice/${name}-first`));
      for (const one of [first, second]) runAs('alice', ['rmi', one]);
    });
  }
});
