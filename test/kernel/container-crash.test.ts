import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, afterEach, before } from 'node:test';
import { crashPoints } from '#container/index.ts';
import type { Engine } from '#engine/index.ts';
import { collect, openTestEngine, type TestEngine, testConfig, untilPrinted } from './container-fixture.ts';

let held: TestEngine;
let root: string;
const skip = process.getuid?.() === 0 ? false : 'needs root';

before(async () => {
  if (skip !== false) return;
  root = mkdtempSync(join(tmpdir(), 'hoist-crash-'));
  held = await openTestEngine({ root });
});
after(async () => {
  await held?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  const left = await held?.engine.containers.views.list({ all: true });
  for (const { Id } of left ?? [])
    await held.engine.containers.life.remove(Id, { force: true, volumes: true });
});

/** What the next engine must find of the container, by where the last one was killed. */
const expected: Readonly<Record<string, string>> = {
  'container.create:snapshot': 'gone',
  'container.create:volumes': 'gone',
  'container.create:recorded': 'created 0',
  'container.start:mounted': 'created 0',
  'container.start:network': 'created 0',
  'container.start:created': 'created 0',
  'container.start:started': 'created 0',
  'container.start:recorded': 'running 0',
  'container.stop:signalled': 'exited 7',
  'container.exit:recorded': 'exited 7',
  'container.exit:released': 'exited 7',
  'container.remove:recorded': 'gone',
  'container.remove:snapshot': 'gone',
  'container.remove:files': 'gone',
  'container.remove:deleted': 'gone',
};

async function found(engine: Engine): Promise<string> {
  try {
    const { State: state } = await engine.containers.views.inspect('victim');
    return `${state.Status} ${state.ExitCode}`;
  } catch {
    return 'gone';
  }
}

/** What an engine without containers must not have: tasks, folders, snapshots, groups, volumes, addresses. */
function remains(engine: Engine): Record<string, readonly string[]> {
  const { cgroupParent, dataRoot, runRoot } = testConfig(root);
  const listed = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    tasks: listed(join(runRoot, 'tasks')),
    containers: listed(join(dataRoot, 'containers')),
    groups: globSync(`/sys/fs/cgroup/{*/,}${cgroupParent}/*/`),
    volumes: engine.volumes.list().Volumes.map(({ Name }) => Name),
  };
}

for (const [verb, points] of Object.entries(crashPoints)) {
  for (const point of points) {
    test(`killed at ${point}: the next engine finds it ${expected[point]}`, { skip }, async () => {
      await held.engine.close();
      const victim = spawnSync(
        process.execPath,
        [join(import.meta.dirname, 'container-victim.ts'), root, verb],
        {
          env: { ...process.env, HOIST_CRASH_AT: point },
          encoding: 'utf8',
        },
      );
      assert.equal(victim.signal, 'SIGKILL', victim.stdout + victim.stderr);
      const engine = await held.reopen();
      let state = await found(engine);
      // A signal that was sent may still be on its way.
      for (
        let tries = 0;
        point === 'container.stop:signalled' && state !== 'exited 7' && tries < 1000;
        tries += 1
      ) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        state = await found(engine);
      }
      assert.equal(state, expected[point]);
      await goesOn(engine, state);
      assert.deepEqual(remains(engine), { tasks: [], containers: [], groups: [], volumes: [] });
    });
  }
}

/** Whatever it was found as, it can be used and removed. */
async function goesOn(engine: Engine, state: string): Promise<void> {
  if (state === 'gone') return;
  const { life, streams } = engine.containers;
  if (!state.startsWith('running')) {
    const { stream } = await streams.attach('victim', { stream: true, stdout: true });
    await life.start('victim');
    await once(stream, 'data');
    stream.destroy();
  } else await untilPrinted(engine, 'victim', 'up');
  assert.equal(await life.stop('victim'), 'stopped');
  assert.equal(await found(engine), 'exited 7');
  const logs = await streams.logs('victim', { stdout: true });
  assert.match((await collect(logs.stream, logs.tty)).stdout, /^(up\n)+$/);
  await life.remove('victim', { volumes: true });
}

test('what ran when the engine was killed is taken back: status, log, attach, exec, exit code', {
  skip,
}, async () => {
  await held.engine.close();
  const env = { ...process.env, HOIST_CRASH_AT: 'container.start:recorded' };
  spawnSync(process.execPath, [join(import.meta.dirname, 'container-victim.ts'), root, 'start'], { env });
  const engine = await held.reopen();
  const { life, streams, execs } = engine.containers;
  await untilPrinted(engine, 'victim', 'up');
  const logs = await streams.logs('victim', { stdout: true, follow: true });
  const attached = await streams.attach('victim', { stream: true, stdout: true });
  const { Id } = await execs.create('victim', { Cmd: ['echo', 'inside'], AttachStdout: true });
  const exec = await execs.start(Id, {});
  assert.equal((await collect(exec!.stream, false)).stdout, 'inside\n');
  const exit = life.wait('victim', 'next-exit');
  await life.stop('victim');
  assert.deepEqual(await exit, { StatusCode: 7 });
  assert.equal((await collect(logs.stream, logs.tty)).stdout, 'up\n');
  assert.equal((await collect(attached.stream, attached.tty)).stdout, '');
  await life.remove('victim', { volumes: true });
});
