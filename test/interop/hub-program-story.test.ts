import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { importBusybox, installed, root, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { type HubProcess, runHub, startHub, trusted } from '../fixtures/hub-program.ts';

const missing = ['docker', 'nsenter', 'ip'].filter((program) => !installed(program));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
const password = 'correct horse battery';
const [here, there] = ['198.51.100.1', '198.51.100.2'];
const hubHost = `${here}:5443`;
const hoist = join(root, 'bin/hoist');

/** Two machines on one wire: an engine and the Hub here, an engine there. */
suite('images are built here, shared by the Hub, and run there', { skip }, () => {
  let builder: TestEngine;
  let other: TestEngine;
  let hub: HubProcess;
  let trust: Disposable | undefined;
  let folder: string;
  let data: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hub-story-'));
    data = join(folder, 'hub');
    await runHub(['user', 'add', 'alice', '--admin', '--password-stdin', '--data', data], {
      input: password,
    });
    await runHub(['user', 'add', 'bob', '--password-stdin', '--data', data], { input: password });
    [builder, other] = await Promise.all([startHoistd(), startHoistd()]);
    wire(builder, other);
    importBusybox(builder);
    hub = await startHub(data, { listen: hubHost, arguments: ['--tls-self-signed'], beside: builder });
    trust = trusted(hubHost, join(data, 'tls/certificate.pem'));
  });
  after(async () => {
    await hub?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
    await builder?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    trust?.[Symbol.dispose]();
  });

  /** Runs docker or hoist as someone at one of the engines. */
  function client(program: string, engine: () => TestEngine, user: string) {
    return (args: string, input = ''): string =>
      execFileSync(program, args.split(' '), {
        ...{ encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 },
        env: {
          ...process.env,
          ...{ DOCKER_HOST: engine().host, DOCKER_BUILDKIT: '0' },
          ...{ DOCKER_CONFIG: join(folder, user), HOIST_CONFIG: join(folder, user) },
        },
      });
  }
  const refused = (run: () => string): string => {
    try {
      run();
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
    throw new Error('it was not refused');
  };
  const names = (found: string) =>
    found
      .split('\n')
      .slice(1)
      .filter(Boolean)
      .map((line) => line.split(' ')[0]);

  for (const [name, program] of [
    ['docker', 'docker'],
    ['hoist', hoist],
  ] as const) {
    test(`with ${name}`, async () => {
      const [open, hidden] = [`${hubHost}/alice/${name}-open:v1`, `${hubHost}/alice/${name}-hidden:v1`];
      const alice = client(program, () => builder, `${name}-alice`);
      alice(`build -t ${open} -`, 'FROM busybox\nRUN echo open > /word\nCMD ["cat", "/word"]\n');
      alice(`build -t ${hidden} -`, 'FROM busybox\nRUN echo hidden > /word\nCMD ["cat", "/word"]\n');
      assert.match(alice(`login -u alice --password-stdin ${hubHost}`, password), /Login Succeeded/);
      alice(`push ${open}`);
      alice(`push ${hidden}`);
      await runHub(['repo', 'set', `alice/${name}-open`, '--public', '--data', data]);

      const stranger = client(program, () => other, `${name}-stranger`);
      const bob = client(program, () => other, `${name}-bob`);
      bob(`login -u bob --password-stdin ${hubHost}`, password);
      const owner = client(program, () => other, `${name}-alice-there`);
      owner(`login -u alice --password-stdin ${hubHost}`, password);

      const both = [`alice/${name}-hidden`, `alice/${name}-open`];
      assert.deepEqual(names(owner(`search ${hubHost}/${name}`)).sort(), both);
      for (const someone of [stranger, bob]) {
        assert.deepEqual(names(someone(`search ${hubHost}/${name}`)), [`alice/${name}-open`]);
        const none = `${hubHost}/alice/${name}-none:v1`;
        const [one, another] = [hidden, none].map((image) => refused(() => someone(`pull ${image}`)));
        assert.equal(one!.replaceAll(`${name}-hidden`, 'x'), another!.replaceAll(`${name}-none`, 'x'));
      }
      assert.equal(stranger(`run --rm ${open}`), 'open\n');
      assert.equal(owner(`run --rm ${hidden}`), 'hidden\n');
    });
  }

  test('the Hub is whole after all of it', async () => {
    const checked = await runHub(['check', '--data', data]);
    assert.equal(checked.status, 0, checked.stdout);
    assert.ok(!hub.output().includes('level=error'), hub.output());
  });
});

/** Connects two engines' networks. It ends with either. */
function wire(one: TestEngine, two: TestEngine): void {
  execFileSync('ip', [
    ...['link', 'add', 'wire0', 'netns', `${one.pid}`, 'type', 'veth'],
    ...['peer', 'name', 'wire0', 'netns', `${two.pid}`],
  ]);
  for (const [engine, address] of [
    [one, here],
    [two, there],
  ] as const) {
    engine.beside('ip', 'address', 'add', `${address}/24`, 'dev', 'wire0');
    engine.beside('ip', 'link', 'set', 'wire0', 'up');
  }
}
