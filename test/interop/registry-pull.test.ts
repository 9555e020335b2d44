import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { shortId } from '#base/id.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { madeImage, madeIndex } from '../fixtures/images.ts';
import { linesOf, openTestImages } from '../fixtures/open-images.ts';
import {
  publish,
  putBlob,
  putManifest,
  skipWithoutRegistry,
  startRegistry,
  type TestRegistry,
} from '../fixtures/registry.ts';

suite('pull from docker-registry', { skip: skipWithoutRegistry }, () => {
  let registry: TestRegistry;
  before(async () => {
    registry = await startRegistry();
  });
  after(() => registry[Symbol.asyncDispose]());

  test('an image comes in, and the second pull finds it up to date', async () => {
    const image = madeImage({ layers: [{ 'bin/sh': 'shell' }, { 'etc/x': 'y' }] });
    await publish(`http://${registry.host}`, 'team/app', 'v1', image);
    await using engine = await openTestImages();
    const name = `${registry.host}/team/app:v1`;
    const lines = await linesOf(engine.images.pull({ name }));
    assert.deepEqual(lines.slice(0, 1), ['v1: Pulling from team/app']);
    for (const { descriptor } of image.layers)
      for (const status of [
        'Pulling fs layer',
        'Verifying Checksum',
        'Download complete',
        'Extracting',
        'Pull complete',
      ])
        assert.ok(
          lines.includes(`${shortId(descriptor.digest)}: ${status}`),
          `${status} in ${lines.join('\n')}`,
        );
    assert.deepEqual(lines.slice(-2), [
      `Digest: ${image.digest}`,
      `Status: Downloaded newer image for ${name}`,
    ]);

    const found = engine.images.get(name);
    assert.equal(found.id, image.id);
    assert.equal(found.rawConfig, image.config.toString());
    assert.equal(engine.images.get(shortId(image.id)).id, image.id);
    assert.equal(engine.images.get(`${registry.host}/team/app@${image.digest}`).id, image.id);
    assert.deepEqual(
      found.layers,
      image.layers.map(({ diffId }) => diffId),
    );
    assert.equal(engine.events.at(-1)?.action, 'pull');

    assert.deepEqual(await linesOf(engine.images.pull({ name })), [
      'v1: Pulling from team/app',
      `Digest: ${image.digest}`,
      `Status: Image is up to date for ${name}`,
    ]);
  });

  for (const form of ['gzip', 'zstd', 'plain'] as const) {
    test(`layers that are ${form}`, async () => {
      const image = madeImage({ layers: [{ a: form }, { b: 'x'.repeat(3_000_000) }], form });
      await publish(`http://${registry.host}`, form, 'latest', image);
      await using engine = await openTestImages();
      await linesOf(engine.images.pull({ name: `${registry.host}/${form}` }));
      const [, top] = engine.images.get(`${registry.host}/${form}`).layers;
      const tar = Buffer.concat(await Array.fromAsync(engine.snapshotter.readTar(top!)));
      assert.ok(tar.equals(image.layers[1]!.tar));
    });
  }

  test('an index gives the image of this machine, or of the platform asked for', async () => {
    const mine = madeImage({ layers: [{ mine: '1' }] });
    const other = madeImage({ layers: [{ other: '2' }], architecture: 's390x' });
    const base = `http://${registry.host}`;
    await publish(base, 'multi', 'mine', mine);
    await publish(base, 'multi', 'other', other);
    const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const index = madeIndex([
      { image: other, platform: { os: 'linux', architecture: 's390x' } },
      { image: mine, platform: { os: 'linux', architecture } },
    ]);
    const digest = await putManifest(base, 'multi', 'latest', index, mediaTypes.ociIndex);
    await using engine = await openTestImages();
    const name = `${registry.host}/multi`;
    const lines = await linesOf(engine.images.pull({ name }));
    assert.ok(lines.includes(`Digest: ${digest}`));
    assert.equal(engine.images.get(name).id, mine.id);
    await linesOf(engine.images.pull({ name, platform: 'linux/s390x' }));
    assert.equal(engine.images.get(name).id, other.id);
    await assert.rejects(linesOf(engine.images.pull({ name, platform: 'linux/riscv64' })), {
      kind: 'notFound',
      message: 'no matching manifest for linux/riscv64 in the manifest list entries',
    });
  });

  test('all tags', async () => {
    const base = `http://${registry.host}`;
    await publish(base, 'many', 'one', madeImage({ layers: [{ n: '1' }] }));
    await publish(base, 'many', 'two', madeImage({ layers: [{ n: '2' }] }));
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${registry.host}/many`, allTags: true }));
    assert.deepEqual(
      engine.images
        .list()
        .flatMap(({ RepoTags }) => RepoTags)
        .sort(),
      [`${registry.host}/many:one`, `${registry.host}/many:two`],
    );
  });

  test('all tags end with one status; an image that is here is not fetched again, whatever its name', async () => {
    const image = madeImage({ layers: [{ same: '1' }] });
    await publish(`http://${registry.host}`, 'first', 'latest', image);
    await publish(`http://${registry.host}`, 'second', 'latest', image);
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${registry.host}/first` }));
    assert.deepEqual(await linesOf(engine.images.pull({ name: `${registry.host}/second`, allTags: true })), [
      'latest: Pulling from second',
      `Digest: ${image.digest}`,
      `Status: Downloaded newer image for ${registry.host}/second`,
    ]);
  });

  test('an image of another platform than was asked for comes with a warning', async () => {
    const image = madeImage({ layers: [{ odd: '1' }], architecture: 's390x' });
    await publish(`http://${registry.host}`, 'odd', 'latest', image);
    await using engine = await openTestImages();
    const lines = await linesOf(
      engine.images.pull({ name: `${registry.host}/odd`, platform: 'linux/riscv64' }),
    );
    assert.match(
      lines.join('\n'),
      /WARNING: image with reference .*\/odd:latest was found but its platform \(linux\/s390x\) does not match the specified platform \(linux\/riscv64\)/,
    );
  });

  test('that a blob is a layer is not believed on a word: it is not pushed for it', async () => {
    const image = madeImage({ layers: [{ real: 'bytes' }] });
    const other = madeImage({ layers: [{ evil: 'bytes' }] });
    const base = `http://${registry.host}`;
    await publish(base, 'honest', 'latest', image);
    await publish(base, 'liar', 'latest', other);
    // A manifest that calls the evil blob by the config of the real layer, which the engine has already.
    const changed = JSON.parse(image.config.toString()) as { author?: string };
    const config = Buffer.from(JSON.stringify({ ...changed, author: 'liar' }));
    const digest = await putBlob(base, 'liar', config);
    const manifest = JSON.parse(other.manifest.toString()) as { config: object };
    manifest.config = { ...manifest.config, digest, size: config.length };
    await putManifest(base, 'liar', 'latest', Buffer.from(JSON.stringify(manifest)));
    await using engine = await openTestImages();
    await linesOf(engine.images.pull({ name: `${registry.host}/honest` }));
    await linesOf(engine.images.pull({ name: `${registry.host}/liar` }));
    const lying = engine.images.get(`${registry.host}/liar`);
    assert.deepEqual(lying.layers, [image.layers[0]!.diffId]);
    engine.images.tag(lying.id, `${registry.host}/liar`, 'v2');
    await linesOf(engine.images.push({ name: `${registry.host}/liar:v2` }));
    await using check = await openTestImages();
    await linesOf(check.images.pull({ name: `${registry.host}/liar:v2` }));
    const tar = Buffer.concat(await Array.fromAsync(check.snapshotter.readTar(lying.layers[0]!)));
    assert.ok(tar.equals(image.layers[0]!.tar));
  });

  test('what is not there is told in the words of Docker', async () => {
    await using engine = await openTestImages();
    const name = `${registry.host}/nothing`;
    await assert.rejects(linesOf(engine.images.pull({ name })), {
      kind: 'notFound',
      message: `manifest for ${name}:latest not found: manifest unknown: manifest unknown`,
    });
    await assert.rejects(linesOf(engine.images.pull({ name: '127.0.0.1:1/x' })), {
      kind: 'unavailable',
      message: 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    });
    assert.throws(() => engine.images.pull({ name: 'Bad' }), { kind: 'invalid' });
    assert.equal(engine.images.count(), 0);
  });

  test('tag, list, inspect, history, remove', async () => {
    const image = madeImage({ layers: [{ a: '1' }, { b: '2' }] });
    await publish(`http://${registry.host}`, 'life', 'latest', image);
    await using engine = await openTestImages();
    const { images, users } = engine;
    const name = `${registry.host}/life`;
    await linesOf(images.pull({ name }));
    images.tag(name, 'mine', 'v2');
    assert.deepEqual(images.inspect('mine:v2').RepoTags, [`${name}:latest`, 'mine:v2']);
    assert.equal(images.list()[0]?.Size, images.get(name).size);
    assert.deepEqual(
      images.history('mine:v2').map(({ Id, CreatedBy }) => [Id, CreatedBy]),
      [
        [image.id, 'step 1'],
        ['<missing>', 'step 0'],
      ],
    );
    await assert.rejects(images.remove(image.id), {
      message: `conflict: unable to delete ${shortId(image.id)} (must be forced) - image is referenced in multiple repositories`,
    });
    assert.deepEqual(await images.remove('mine:v2'), [{ Untagged: 'mine:v2' }]);
    users.set(image.id, [{ containerId: 'c'.repeat(64), running: true }]);
    await assert.rejects(images.remove(name), {
      kind: 'conflict',
      message: `conflict: unable to remove repository reference "${name}" (must force) - container cccccccccccc is using its referenced image ${shortId(image.id)}`,
    });
    await assert.rejects(images.remove(image.id, { force: true }), {
      message: `conflict: unable to delete ${shortId(image.id)} (cannot be forced) - image is being used by running container cccccccccccc`,
    });
    users.clear();
    const gone = await images.remove(name);
    assert.deepEqual(gone.slice(0, 3), [
      { Untagged: `${name}:latest` },
      { Untagged: `${name}@${image.digest}` },
      { Deleted: image.id },
    ]);
    assert.equal(gone.length, 5);
    assert.deepEqual(engine.snapshotter.listLayers(), []);
    assert.equal(images.count(), 0);
    assert.throws(() => images.get(name), { kind: 'notFound', message: `No such image: ${name}:latest` });
  });
});
