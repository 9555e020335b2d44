import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { untilListening } from '../fixtures/docker-client.ts';
import { installed, root, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';
import { tarOf } from '../fixtures/images.ts';

const clients = [
  ['docker', which('docker') ?? 'docker'],
  ['hoist', join(root, 'bin/hoist')],
] as const;
const missing = ['docker', 'docker-registry', 'nsenter'].filter((program) => !installed(program));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
/** bcrypt of `secret`. */
const alice = 'alice:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';

suite('images through the daemon, by either client', { skip }, () => {
  let engine: TestEngine;
  let folder: string;
  const [open, locked] = [5000, 5001];

  before(async () => {
    engine = await startHoistd({ arguments: ['--bridge', 'none'] });
    folder = mkdtempSync(join(tmpdir(), 'hoist-clients-'));
    writeFileSync(join(folder, 'htpasswd'), alice);
    const auth = { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } };
    startRegistry(open, {});
    startRegistry(locked, { auth });
    writeFileSync(join(folder, 'image.tar'), tarOf({ 'bin/tool': 'x'.repeat(50_000) }));
    for (const port of [open, locked]) await untilListening(engine, port);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** In the daemon's network namespace, where its loopback is. */
  function startRegistry(port: number, more: object): void {
    const file = join(folder, `registry-${port}.json`);
    const storage = { filesystem: { rootdirectory: join(folder, `data-${port}`) } };
    writeFileSync(
      file,
      JSON.stringify({
        version: 0.1,
        log: { level: 'error' },
        storage,
        http: { addr: `127.0.0.1:${port}` },
        ...more,
      }),
    );
    engine.spawnBeside(which('docker-registry') ?? '', 'serve', file);
  }

  for (const [name, program] of clients) {
    const config = () => join(folder, `${name}-config`);
    const run = (...args: string[]): string =>
      execFileSync(program, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 20_000,
        env: { ...process.env, DOCKER_HOST: engine.host, DOCKER_CONFIG: config(), HOIST_CONFIG: config() },
      });
    const fails = (...args: string[]): string => {
      try {
        run(...args);
      } catch (error) {
        return (error as { stderr: string }).stderr.trim();
      }
      throw new Error(`${args.join(' ')} did not fail`);
    };

    test(`${name}: import, tag, push, rmi, pull, history`, () => {
      const repository = `127.0.0.1:${open}/${name}/tool`;
      const id = run(
        'import',
        '-c',
        'CMD ["/bin/tool"]',
        '-m',
        'made',
        join(folder, 'image.tar'),
        `${name}-tool`,
      ).trim();
      assert.match(id, /^sha256:[0-9a-f]{64}$/);
      run('tag', `${name}-tool`, `${repository}:v1`);
      const pushed = run('push', `${repository}:v1`);
      assert.match(pushed, new RegExp(`The push refers to repository \\[${repository}\\]`));
      const digest = /digest: (sha256:[0-9a-f]{64}) size: \d+/.exec(pushed)?.[1];
      assert.match(run('push', `${repository}:v1`), /Layer already exists/);
      const removed = run('rmi', `${name}-tool`, `${repository}:v1`);
      assert.match(
        removed,
        new RegExp(`Untagged: ${name}-tool:latest\n.*Untagged: ${repository}:v1\n.*Deleted: ${id}`, 's'),
      );
      const pulled = run('pull', `${repository}:v1`);
      assert.match(
        pulled,
        new RegExp(
          `Pull complete\n.*Digest: ${digest}\nStatus: Downloaded newer image for ${repository}:v1`,
          's',
        ),
      );
      assert.match(run('pull', `${repository}:v1`), /Image is up to date/);
      assert.equal(run('pull', '-q', `${repository}@${digest}`).trim(), `${repository}@${digest}`);
      assert.equal(run('images', '-q', '--no-trunc', repository).trim(), id);
      assert.match(run('history', `${repository}:v1`), /made/);
      assert.equal(run('inspect', '--format', '{{.Id}}', `${repository}:v1`).trim(), id);
      run('rmi', `${repository}:v1`);
    });

    test(`${name}: save and load`, () => {
      run('import', join(folder, 'image.tar'), `${name}-saved:a`);
      run('tag', `${name}-saved:a`, `${name}-saved:b`);
      const archive = join(folder, `${name}.tar`);
      run('save', '-o', archive, `${name}-saved`);
      run('rmi', `${name}-saved:a`, `${name}-saved:b`);
      assert.equal(
        run('load', '-q', '-i', archive),
        `Loaded image: ${name}-saved:a\nLoaded image: ${name}-saved:b\n`,
      );
      run('rmi', `${name}-saved:a`, `${name}-saved:b`);
    });

    test(`${name}: login, and what needs it`, () => {
      mkdirSync(config(), { recursive: true });
      const [host, repository] = [`127.0.0.1:${locked}`, `127.0.0.1:${locked}/${name}`];
      run('import', join(folder, 'image.tar'), repository);
      assert.match(fails('push', repository), /no basic auth credentials/);
      assert.match(fails('login', '-u', 'alice', '-p', 'wrong', host), /401 Unauthorized/);
      assert.match(run('login', '-u', 'alice', '-p', 'secret', host), /Login Succeeded/);
      assert.match(readFileSync(join(config(), 'config.json'), 'utf8'), /"auth": ?"YWxpY2U6c2VjcmV0"/);
      assert.match(run('push', repository), /latest: digest: /);
      assert.match(run('logout', host), /Removing login credentials/);
      assert.match(fails('pull', repository), /no basic auth credentials/);
      run('rmi', repository);
    });

    test(`${name}: what is not there`, () => {
      const says: [args: string[], stderr: RegExp][] = [
        [
          ['pull', `127.0.0.1:${open}/nothing`],
          /manifest for 127.0.0.1:5000\/nothing:latest not found: manifest unknown: manifest unknown/,
        ],
        [
          ['pull', '127.0.0.1:1/x'],
          /Get "http:\/\/127.0.0.1:1\/v2\/": dial tcp 127.0.0.1:1: connect: connection refused/,
        ],
        [['rmi', 'nothing'], /No such image: nothing:latest/],
        [['tag', 'nothing', 'x'], /No such image: nothing:latest/],
        [['save', '-o', join(folder, 'no.tar'), 'nothing'], /No such image: nothing/],
        [['history', 'nothing'], /No such image: nothing:latest/],
        [['push', 'nothing'], /An image does not exist locally with the tag: nothing/],
        [['pull', 'Upper'], /invalid reference format: repository name \(library\/Upper\) must be lowercase/],
      ];
      for (const [args, stderr] of says) assert.match(fails(...args), stderr, args.join(' '));
    });
  }
});
