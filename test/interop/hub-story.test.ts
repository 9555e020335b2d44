import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { importBusybox, root, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { type HubProcess, hubProgram as program, startHub } from '../fixtures/hub-program.ts';

/**
 * The whole story: two machines (network namespaces with a cable between them), an engine on each, one Hub. Ann builds and
 * pushes a public and a private image; a stranger on the other machine finds, pulls and runs what is public, and nothing says
 * that there is more; Bob may, once he is let in.
 */

const hub = '10.99.0.1:5000';
const password = { ann: 'the purple lighthouse', bob: 'a very quiet harbour' };

/** A person at one of the machines, with credentials of their own. */
interface Person {
  docker(...args: string[]): Told;
  hoist(...args: string[]): Told;
}

interface Told {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

suite('from a Dockerfile to another machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-story-'));
  const data = join(folder, 'hub');
  let first: TestEngine;
  let second: TestEngine;
  let serving: HubProcess | undefined;
  let ann: Person;
  let bob: Person;
  let stranger: Person;

  before(async () => {
    const options = { arguments: ['--insecure-registry', '10.99.0.0/24'] };
    first = await startHoistd(options);
    second = await startHoistd(options);
    first.beside(
      'ip',
      'link',
      'add',
      'cable',
      'type',
      'veth',
      'peer',
      'name',
      'cable',
      'netns',
      String(second.pid),
    );
    for (const [engine, address] of [
      [first, '10.99.0.1/24'],
      [second, '10.99.0.2/24'],
    ] as const) {
      engine.beside('ip', 'address', 'add', address, 'dev', 'cable');
      engine.beside('ip', 'link', 'set', 'cable', 'up');
    }
    importBusybox(first);
    ann = person('ann', first);
    bob = person('bob', second);
    stranger = person('stranger', second);
  });
  after(async () => {
    await serving?.[Symbol.asyncDispose]();
    await first?.[Symbol.asyncDispose]();
    await second?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const person = (name: string, { host }: TestEngine): Person => {
    const config = join(folder, name);
    mkdirSync(config, { recursive: true });
    const env = { ...process.env, DOCKER_CONFIG: config, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' };
    const told = (command: string, args: readonly string[]): Told => {
      const { status, stdout, stderr } = spawnSync('timeout', ['60', command, ...args], {
        env,
        encoding: 'utf8',
      });
      return { status, out: stdout, err: stderr };
    };
    return {
      docker: (...args) => told('docker', args),
      hoist: (...args) => told(join(root, 'bin/hoist'), args),
    };
  };

  /** Runs it to its success. */
  const done = ({ status, out, err }: Told): string => {
    assert.equal(status, 0, `${out}${err}`);
    return out;
  };
  const api = (
    who: 'ann' | 'bob',
    method: string,
    path: string,
    body?: unknown,
  ): { status: number; body: string } => {
    const command = [
      '-s',
      '-X',
      method,
      '-u',
      `${who}:${password[who]}`,
      '-w',
      '\n%{http_code}',
      `http://${hub}${path}`,
    ];
    const json = ['-H', 'Content-Type: application/json', '--data', JSON.stringify(body)];
    const lines = second.beside('curl', ...command, ...(body === undefined ? [] : json)).split('\n');
    return { status: Number(lines.pop()), body: lines.join('\n') };
  };

  test('the Hub starts with the people that were made, and no others', async () => {
    for (const [name, ...flags] of [['ann', '--admin'], ['bob']] as const)
      execFileSync(program, ['user', 'add', name, ...flags, '--password-stdin', '--data', data], {
        input: password[name],
      });
    serving = await startHub(data, { listen: hub, beside: first, arguments: ['--log-level', 'warn'] });
  });

  test('ann builds two images, signs in and pushes them', () => {
    for (const name of ['hello', 'secret']) {
      const context = join(folder, `context-${name}`);
      mkdirSync(context);
      writeFileSync(join(context, 'greeting'), `${name} from ann\n`);
      writeFileSync(join(context, 'Dockerfile'), 'FROM busybox\nCOPY greeting /\nCMD ["cat", "/greeting"]\n');
      const build = name === 'hello' ? ann.hoist : ann.docker;
      done(build('build', '-t', `${hub}/ann/${name}`, context));
    }
    const refused = ann.docker('push', `${hub}/ann/hello`);
    assert.notEqual(refused.status, 0);
    assert.match(refused.err, /denied|unauthorized|authentication required/);
    const login = spawnSync('docker', ['login', '-u', 'ann', '--password-stdin', hub], {
      input: password.ann,
      encoding: 'utf8',
      env: { ...process.env, DOCKER_CONFIG: join(folder, 'ann'), DOCKER_HOST: first.host },
    });
    assert.match(login.stdout, /Login Succeeded/, login.stderr);
    done(ann.docker('push', `${hub}/ann/hello`));
    done(ann.hoist('push', `${hub}/ann/secret`));
    execFileSync(program, ['repo', 'set', 'ann/hello', '--public', '--data', data]);
  });

  const found = ({ out }: Told): string[] =>
    out
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ')[0] ?? '')
      .filter(Boolean)
      .sort();

  test('ann finds both, a stranger the public one', () => {
    for (const search of [ann.docker, ann.hoist])
      assert.deepEqual(found(search('search', `${hub}/ann`)), ['ann/hello', 'ann/secret']);
    for (const search of [stranger.docker, stranger.hoist])
      assert.deepEqual(found(search('search', `${hub}/ann`)), ['ann/hello']);
    assert.deepEqual(found(stranger.docker('search', `${hub}/secret`)), []);
  });

  test('a stranger runs the public image on the other machine; the private one is not there', () => {
    assert.equal(done(stranger.docker('run', '--rm', `${hub}/ann/hello`)), 'hello from ann\n');
    const [hidden, missing] = ['secret', 'nothing'].map((name) =>
      stranger.docker('pull', `${hub}/ann/${name}`),
    );
    assert.notEqual(hidden!.status, 0);
    assert.equal(hidden!.err.replaceAll('secret', 'X'), missing!.err.replaceAll('nothing', 'X'));
    assert.equal(hidden!.out.replaceAll('secret', 'X'), missing!.out.replaceAll('nothing', 'X'));
  });

  test('bob runs it once ann has let him in, and no longer than that', () => {
    const login = spawnSync(join(root, 'bin/hoist'), ['login', '-u', 'bob', '--password-stdin', hub], {
      input: password.bob,
      encoding: 'utf8',
      env: { ...process.env, DOCKER_CONFIG: join(folder, 'bob'), DOCKER_HOST: second.host },
    });
    assert.match(login.stdout, /Login Succeeded/, login.stderr);
    assert.notEqual(bob.hoist('pull', `${hub}/ann/secret`).status, 0);
    assert.equal(api('bob', 'GET', '/api/repositories/ann/secret').status, 404);
    const grant = '/api/repositories/ann/secret/-/grants/users/bob';
    assert.ok(api('ann', 'PUT', grant, { level: 'read' }).status < 300);
    assert.equal(done(bob.hoist('run', '--rm', `${hub}/ann/secret`)), 'secret from ann\n');
    assert.deepEqual(found(bob.docker('search', `${hub}/ann`)), ['ann/hello', 'ann/secret']);
    done(bob.docker('tag', `${hub}/ann/secret`, `${hub}/ann/secret:mine`));
    assert.notEqual(bob.docker('push', `${hub}/ann/secret:mine`).status, 0);
    assert.ok(api('ann', 'DELETE', grant).status < 300);
    assert.notEqual(bob.docker('pull', `${hub}/ann/secret`).status, 0);
    assert.deepEqual(found(bob.hoist('search', `${hub}/ann`)), ['ann/hello']);
  });
});
