import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { readTar } from '#archive/read-tar.ts';
import { endOfTar, memberOf } from '#archive/write-tar.ts';
import { madeImage, noise, tarOf } from '../../test/fixtures/images.ts';
import { linesOf, openTestImages } from '../../test/fixtures/open-images.ts';

async function* inPieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const file = (name: string, body: Uint8Array | string) => memberOf({ name, type: 'file' }, body);
const image = madeImage({ layers: [{ a: 'one' }, { b: noise(50_000) }] });

/** As `docker save` wrote before version 25: layers in folders, a shared one as a link. */
function dockerArchive(tags: string[] | null = ['app:v1'], config = image.config): Buffer {
  const [bottom, top] = image.layers;
  return Buffer.concat([
    file('x/layer.tar', bottom!.tar),
    file('x/VERSION', '1.0'),
    file('y/layer.tar', top!.tar),
    memberOf({ name: 'z/layer.tar', type: 'symlink', linkName: '../x/layer.tar' }),
    file('c.json', config),
    file(
      'manifest.json',
      JSON.stringify([{ Config: 'c.json', RepoTags: tags, Layers: ['z/layer.tar', 'y/layer.tar'] }]),
    ),
    endOfTar,
  ]);
}

const forms: [name: string, of: (bytes: Buffer) => Buffer][] = [
  ['plain', (bytes) => bytes],
  ['gzip', (bytes) => gzipSync(bytes)],
  ['zstd', (bytes) => zstdCompressSync(bytes)],
];
for (const [name, of] of forms) {
  test(`a docker-archive is loaded: ${name}`, async () => {
    await using engine = await openTestImages();
    const lines = await linesOf(engine.images.load(inPieces(of(dockerArchive())), { quiet: true }));
    assert.deepEqual(lines, ['Loaded image: app:v1']);
    assert.equal(engine.images.get('app:v1').id, image.id);
    assert.equal(engine.events.at(-1)?.action, 'load');
  });
}

test('what is saved is loaded again, shared layers once, and saving is reproducible', async () => {
  await using engine = await openTestImages();
  await linesOf(engine.images.load(inPieces(dockerArchive())));
  const base = engine.images.get('app:v1');
  await engine.images.commit({
    parent: base.id,
    tar: inPieces(tarOf({ c: 'three' })),
    config: {},
    name: 'app:v2',
  });
  engine.images.tag('app:v1', 'other');
  const saved = Buffer.concat(await Array.fromAsync(engine.images.save(['app', 'other'])));
  assert.ok(saved.equals(Buffer.concat(await Array.fromAsync(engine.images.save(['app', 'other'])))));
  const names: string[] = [];
  for await (const { entry } of readTar(inPieces(saved))) names.push(entry.name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, 2 + 3 + 2 + 2 + 4, names.join(' '));

  await using second = await openTestImages();
  const lines = await linesOf(second.images.load(inPieces(saved), { quiet: true }));
  assert.deepEqual(lines.sort(), [
    'Loaded image: app:v1',
    'Loaded image: app:v2',
    'Loaded image: other:latest',
  ]);
  assert.deepEqual(
    second.images
      .list()
      .map(({ Id }) => Id)
      .sort(),
    engine.images
      .list()
      .map(({ Id }) => Id)
      .sort(),
  );

  const layout = Buffer.concat(await Array.fromAsync(withoutMember(saved, 'manifest.json')));
  await using third = await openTestImages();
  await linesOf(third.images.load(inPieces(layout), { quiet: true }));
  assert.equal(third.images.get('app:v2').id, engine.images.get('app:v2').id);
});

async function* withoutMember(tar: Buffer, name: string): AsyncGenerator<Buffer> {
  for await (const { entry, body } of readTar(inPieces(tar))) {
    const bytes = Buffer.concat(await Array.fromAsync(body));
    if (entry.name !== name && entry.type === 'file') yield file(entry.name, bytes);
  }
  yield endOfTar;
}

test('an image without a name is loaded and saved by id', async () => {
  await using engine = await openTestImages();
  assert.deepEqual(await linesOf(engine.images.load(inPieces(dockerArchive(null)), { quiet: true })), [
    `Loaded image ID: ${image.id}`,
  ]);
  const saved = Buffer.concat(await Array.fromAsync(engine.images.save([image.id.slice(7, 19)])));
  await using second = await openTestImages();
  assert.deepEqual(await linesOf(second.images.load(inPieces(saved), { quiet: true })), [
    `Loaded image ID: ${image.id}`,
  ]);
});

const [bottom, top] = image.layers;
const manifest = (value: unknown) => file('manifest.json', JSON.stringify(value));
const bad: [name: string, members: Buffer[], message: RegExp][] = [
  ['nothing', [], /does not contain a manifest.json/],
  ['a list that is no list', [manifest({})], /must be an array/],
  ['a config that is not there', [manifest([{ Config: '../../etc/passwd', Layers: [] }])], /lacks/],
  [
    'a layer that is not there',
    [file('c', image.config), manifest([{ Config: 'c', Layers: ['a', 'b'] }])],
    /lacks layer "a"/,
  ],
  [
    'layers in the wrong order',
    [
      file('c', image.config),
      file('a', top!.tar),
      file('b', bottom!.tar),
      manifest([{ Config: 'c', Layers: ['a', 'b'] }]),
    ],
    /layer "a" is sha256/,
  ],
  [
    'too few layers',
    [file('c', image.config), file('a', bottom!.tar), manifest([{ Config: 'c', Layers: ['a'] }])],
    /layers length mismatch: expected 2, got 1/,
  ],
  [
    'a link that turns',
    [memberOf({ name: 'c', type: 'symlink', linkName: 'c' }), manifest([{ Config: 'c', Layers: [] }])],
    /leads nowhere/,
  ],
  [
    'a tag that is none',
    [
      file('c', image.config),
      file('a', bottom!.tar),
      file('b', top!.tar),
      manifest([{ Config: 'c', RepoTags: ['A B'], Layers: ['a', 'b'] }]),
    ],
    /invalid reference format/,
  ],
  [
    'a config that is none',
    [file('c', '{"rootfs":1}'), manifest([{ Config: 'c', Layers: [] }])],
    /rootfs must be an object/,
  ],
  ['a huge document', [file('c', Buffer.alloc((8 << 20) + 1, ' '))], /does not contain a manifest.json/],
  [
    'an index without blobs',
    [
      file(
        'index.json',
        JSON.stringify({ manifests: [{ mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 }] }),
      ),
    ],
    /lacks "blobs/,
  ],
];
for (const [name, members, message] of bad) {
  test(`a bad archive leaves nothing: ${name}`, async () => {
    await using engine = await openTestImages();
    await assert.rejects(linesOf(engine.images.load(inPieces(Buffer.concat([...members, endOfTar])))), {
      kind: 'invalid',
      message,
    });
    assert.equal(engine.images.count(), 0);
    assert.deepEqual(engine.snapshotter.listLayers(), []);
  });
}

test('an archive that is cut leaves nothing', async () => {
  await using engine = await openTestImages();
  await assert.rejects(linesOf(engine.images.load(inPieces(dockerArchive().subarray(0, 40_000)))), {
    kind: 'invalid',
  });
  assert.deepEqual(engine.snapshotter.listLayers(), []);
});

test('an import has what its changes say', async () => {
  await using engine = await openTestImages();
  const tar = gzipSync(tarOf({ 'bin/x': 'y' }));
  await linesOf(
    engine.images.import({
      tar: inPieces(tar),
      name: 'made',
      changes: ['CMD ["x"]', 'ENV A=1'],
      message: 'by hand',
    }),
  );
  const details = engine.images.inspect('made');
  assert.deepEqual([details.Config, details.Comment], [{ Env: ['A=1'], Cmd: ['x'] }, 'by hand']);
  await assert.rejects(linesOf(engine.images.import({ tar: inPieces(tar), changes: ['RUN x'] })), {
    kind: 'invalid',
  });
  await assert.rejects(linesOf(engine.images.import({ tar: inPieces(Buffer.from('no tar at all')) })), {
    kind: 'invalid',
  });
});

test('a commit stacks on its parent, and one that changed nothing has no layer', async () => {
  await using engine = await openTestImages();
  const { images } = engine;
  await linesOf(images.load(inPieces(dockerArchive())));
  const parent = images.get('app:v1');
  const made = await images.commit({
    parent: parent.id,
    tar: inPieces(tarOf({ n: '1' })),
    config: { Cmd: ['n'] },
    createdBy: 'sh',
    message: 'm',
    author: 'me',
  });
  assert.deepEqual(made.layers.slice(0, 2), parent.layers);
  assert.deepEqual(
    images.history(made.id).map(({ Id, Comment }) => [Id, Comment]),
    [
      [made.id, 'm'],
      [parent.id, ''],
      ['<missing>', ''],
    ],
  );
  const same = await images.commit({ parent: parent.id, tar: inPieces(Buffer.alloc(1024)), config: {} });
  assert.deepEqual(same.layers, parent.layers);
  assert.deepEqual(await images.remove('app:v1'), [{ Untagged: 'app:v1' }]);
  await assert.rejects(images.remove(parent.id, { force: true }), {
    message: /cannot be forced\) - image has dependent child images$/,
  });
});

test('parents without a name go with their last child, and prune takes what dangles', async () => {
  await using engine = await openTestImages();
  const { images, snapshotter } = engine;
  await linesOf(images.load(inPieces(dockerArchive())));
  const parent = images.get('app:v1').id;
  await images.commit({ parent, tar: inPieces(tarOf({ n: '1' })), config: {}, name: 'child' });
  await images.remove('app:v1');
  assert.deepEqual(
    images.list().map(({ RepoTags }) => RepoTags),
    [['child:latest']],
  );
  assert.equal(images.list({ all: true }).length, 2);
  const gone = await images.remove('child');
  assert.deepEqual(gone.filter(({ Deleted }) => Deleted === parent).length, 1);
  assert.deepEqual(snapshotter.listLayers(), []);

  await linesOf(images.load(inPieces(dockerArchive(null))));
  await linesOf(images.import({ tar: inPieces(tarOf({ k: 'ept' })), name: 'kept' }));
  const { deleted, spaceReclaimed } = await images.prune();
  assert.equal(deleted[0]?.Deleted, image.id);
  assert.ok(spaceReclaimed > 50_000);
  assert.deepEqual(
    images.list().map(({ RepoTags }) => RepoTags),
    [['kept:latest']],
  );
  assert.equal((await images.prune({ dangling: ['false'] })).deleted.length, 3);
});

const filters: [filters: Record<string, string[]>, want: string[]][] = [
  [{}, ['new:latest', 'old:latest']],
  [{ reference: ['n*'] }, ['new:latest']],
  [{ reference: ['old:latest', 'x/*'] }, ['old:latest']],
  [{ label: ['tier=front'] }, ['new:latest']],
  [{ label: ['tier=front', 'absent'] }, []],
  [{ before: ['new'] }, ['old:latest']],
  [{ since: ['old'] }, ['new:latest']],
  [{ until: ['1h'] }, ['old:latest']],
  [{ dangling: ['true'] }, []],
];
test('list filters', async () => {
  await using engine = await openTestImages();
  const { images } = engine;
  await linesOf(images.load(inPieces(dockerArchive(['old:latest']))));
  await linesOf(
    images.import({ tar: inPieces(tarOf({ a: 'b' })), name: 'new', changes: ['LABEL tier=front'] }),
  );
  for (const [filter, want] of filters) {
    const names = images.list({ filters: filter }).flatMap(({ RepoTags }) => RepoTags);
    assert.deepEqual(names, want, JSON.stringify(filter));
  }
  assert.throws(() => images.list({ filters: { shape: ['round'] } }), {
    kind: 'invalid',
    message: "invalid filter 'shape'",
  });
  assert.throws(() => images.list({ filters: { dangling: ['maybe'] } }), { kind: 'invalid' });
  assert.throws(() => images.list({ filters: { before: ['nosuch'] } }), {
    message: 'No such image: nosuch:latest',
  });
});
