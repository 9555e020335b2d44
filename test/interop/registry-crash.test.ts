import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { madeImage, noise, tarOf } from '../fixtures/images.ts';
import { linesOf, openTestImages, type TestImages } from '../fixtures/open-images.ts';
import { publish, skipWithoutRegistry, startRegistry, type TestRegistry } from '../fixtures/registry.ts';

const script = join(import.meta.dirname, '../fixtures/image-steps.ts');
const image = madeImage({ layers: [{ a: noise(300_000, 1) }, { b: noise(300_000, 2) }, { c: '3' }] });

/** Runs one step in a process of its own. @returns whether it came to its end */
function step(
  root: string,
  verb: string,
  argument: string,
  kill: { at?: string; afterMilliseconds?: number } = {},
): Promise<boolean> {
  const env = { ...process.env, ...(kill.at === undefined ? {} : { HOIST_CRASH_AT: kill.at }) };
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const child = execFile(process.execPath, [script, root, verb, argument], { env }, (error, stdout) => {
    if (error !== null && error.signal !== 'SIGKILL') reject(error);
    else resolve(stdout === 'done');
  });
  if (kill.afterMilliseconds !== undefined) setTimeout(() => child.kill('SIGKILL'), kill.afterMilliseconds);
  return promise;
}

/** Every image is whole, and there is nothing that belongs to none. */
async function assertWhole({ images, snapshotter, database, root }: TestImages): Promise<void> {
  const named = new Set<string>();
  for (const { Id } of images.list({ all: true })) {
    const found = images.get(Id);
    assert.equal(digestOf(found.rawConfig), Id);
    for (const diffId of found.layers) {
      named.add(diffId);
      assert.equal(digestOf(Buffer.concat(await Array.fromAsync(snapshotter.readTar(diffId)))), diffId);
    }
  }
  for (const { diff_id } of database.all<{ diff_id: string }>('SELECT diff_id FROM kept_layer'))
    named.add(diff_id);
  for (const { diffId } of snapshotter.listLayers())
    assert.ok(named.has(diffId), `layer ${diffId} is nobody's`);
  const blobs = database
    .all<{ digest: string }>('SELECT digest FROM blob')
    .map(({ digest }) => digest.slice('sha256:'.length));
  assert.deepEqual((await readdir(join(root, 'content/sha256'))).sort(), blobs.sort());
  assert.deepEqual(await readdir(join(root, 'content/ingest')), []);
  const manifests = database.all(
    'SELECT 1 FROM blob WHERE digest NOT IN (SELECT digest FROM image_manifest)',
  );
  assert.deepEqual(manifests, []);
}

suite('killed at any step', { skip: skipWithoutRegistry, concurrency: 1 }, () => {
  let folder: string;
  let registry: TestRegistry;
  let archive: string;
  let tar: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hoist-crash-'));
    registry = await startRegistry();
    await publish(`http://${registry.host}`, 'app', 'latest', image);
    [archive, tar] = [join(folder, 'archive.tar'), join(folder, 'layer.tar')];
    await writeFile(tar, tarOf({ changed: 'x' }));
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${registry.host}/app` }));
    await writeFile(
      archive,
      Buffer.concat(await Array.fromAsync(engine.images.save([`${registry.host}/app`]))),
    );
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** A root, with an image called base in it when the step needs one. */
  async function freshRoot(name: string, base: boolean): Promise<string> {
    const root = await mkdtemp(join(folder, `${name}-`));
    if (!base) return root;
    await using engine = await openTestImages({ root });
    await linesOf(engine.images.pull({ name: `${registry.host}/app` }));
    engine.images.tag(`${registry.host}/app`, 'base');
    await engine.images.remove(`${registry.host}/app`);
    return root;
  }

  const steps: [verb: string, argument: () => string, base: boolean, points: string[]][] = [
    [
      'pull',
      () => `${registry.host}/app`,
      false,
      ['image.layer-pulled', 'content.ingested', 'content.moved', 'image.layers-pulled', 'image.named'],
    ],
    ['load', () => archive, false, ['image.layer-loaded', 'image.recorded']],
    ['import', () => tar, false, ['image.layer-made', 'image.layers-made', 'image.recorded']],
    ['commit', () => tar, true, ['image.layer-made', 'image.layers-made', 'image.recorded']],
    ['remove', () => 'base', true, ['image.removed', 'image.layer-unneeded']],
  ];
  for (const [verb, argument, base, points] of steps)
    for (const at of points) {
      test(`${verb}, killed at ${at}: whole at the next start, and done again`, async () => {
        const root = await freshRoot(verb, base);
        assert.equal(await step(root, verb, argument(), { at }), false, 'it was killed');
        {
          await using engine = await openTestImages({ root });
          await assertWhole(engine);
        }
        if (verb !== 'remove') assert.equal(await step(root, verb, argument()), true);
        await using engine = await openTestImages({ root });
        await assertWhole(engine);
        // What was recorded before the crash is an image without a name now, if the clock made the second another.
        const named = engine.images.list().filter(({ RepoTags }) => RepoTags.length > 0);
        assert.equal(named.length, verb === 'remove' ? 0 : base ? 2 : 1);
      });
    }

  test('pull, killed at any time', async () => {
    const root = await freshRoot('pull', false);
    for (let afterMilliseconds = 150; afterMilliseconds < 800; afterMilliseconds += 130) {
      if (await step(root, 'pull', `${registry.host}/app`, { afterMilliseconds })) break;
      await using engine = await openTestImages({ root });
      await assertWhole(engine);
    }
    assert.equal(await step(root, 'pull', `${registry.host}/app`), true);
  });
});
