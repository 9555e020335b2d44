import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type EngineConfig, openEngine, type Step } from '#engine/index.ts';
import { busyboxTar } from '../fixtures/engines.ts';

/** The engine in this process, with no daemon. */

const directory = mkdtempSync(join(tmpdir(), 'hoist-library-'));
after(() => rmSync(directory, { recursive: true }));

const config = (name: string): EngineConfig => ({
  dataRoot: join(directory, name),
  runRoot: join(directory, `${name}-run`),
  bridge: 'none',
  cgroupParent: `/hoist-library-${process.pid}`,
});

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('an image is imported and a container runs in it, step by step', async () => {
  const steps: Step[] = [];
  await using engine = await openEngine(config('run'), ({ step }) => steps.push(step));
  for await (const _ of engine.images.import({ tar: chunks(busyboxTar()), name: 'busybox:latest' }));
  const { life, streams } = engine.containers;
  const { Id } = await life.create({
    config: {
      Image: 'busybox',
      Cmd: ['sh', '-c', 'echo from the library; exit 3'],
      HostConfig: { NetworkMode: 'none' },
    },
  });
  const exit = life.wait(Id, 'next-exit');
  await life.start(Id);
  assert.equal((await exit).StatusCode, 3);
  const logs = await streams.logs(Id, { stdout: true });
  const text = Buffer.concat(await Array.fromAsync(logs.stream))
    .subarray(8)
    .toString();
  assert.equal(text, 'from the library\n');
  assert.deepEqual(steps, ['image', 'create', 'filesystem', 'network', 'address', 'process', 'output']);
  const info = await engine.info();
  assert.deepEqual([info.Containers, info.Images, info.DockerRootDir], [1, 1, join(directory, 'run')]);
  await life.remove(Id);
});

test('one engine to a data root, also in one process', async () => {
  const first = await openEngine(config('twice'));
  await assert.rejects(openEngine(config('twice')), {
    kind: 'conflict',
    message: `${join(directory, 'twice')} is already in use by another hoistd (pid ${process.pid})`,
  });
  await first.close();
  await (await openEngine(config('twice'))).close();
});

test('what an engine keeps, the next one on its roots has', async () => {
  const ids: string[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    await using engine = await openEngine(config('kept'));
    if (turn === 0) await engine.volumes.create({ Name: 'kept', Labels: { a: 'b' } });
    assert.deepEqual(engine.volumes.get('kept').Labels, { a: 'b' });
    ids.push((await engine.info()).ID);
  }
  assert.equal(ids[0], ids[1]);
});

test('an engine that cannot be opened holds nothing', async () => {
  await assert.rejects(
    openEngine({ ...config('broken'), storageDriver: 'floppy' }),
    /driver not supported: floppy/,
  );
  await (await openEngine(config('broken'))).close();
});
