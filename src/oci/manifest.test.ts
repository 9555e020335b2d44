import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestBytes, parseManifest } from './manifest.ts';
import { mediaTypes } from './media-types.ts';
import { parseImageConfig } from './parse-config.ts';

const digest = `sha256:${'b'.repeat(64)}` as const;
const config = { mediaType: mediaTypes.ociConfig, digest, size: 7 };
const layer = { mediaType: mediaTypes.ociLayerGzip, digest, size: 9 };
const image = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] };
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [layer] };
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a manifest and an index', () => {
  assert.deepEqual(parseManifest(bytes(image)), {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config,
    layers: [layer],
  });
  assert.equal(parseManifest(bytes(index), 'application/json').kind, 'index');
  assert.equal(parseManifest(bytes({ schemaVersion: 2, manifests: [] })).kind, 'index');
});

test('what is written is read again', () => {
  const { kind, ...rest } = parseManifest(
    manifestBytes({ mediaType: mediaTypes.dockerManifest, config, layers: [layer] }),
  );
  assert.deepEqual(
    [kind, rest],
    ['manifest', { mediaType: mediaTypes.dockerManifest, config, layers: [layer] }],
  );
});

const bad: [name: string, document: unknown, message: RegExp, contentType?: string][] = [
  ['no object', [], /manifest must be an object/],
  ['schema 1', { schemaVersion: 1, fsLayers: [] }, /schema 1 are not supported/],
  ['no version', {}, /schemaVersion must be 2/],
  ['both at once', { ...image, manifests: [] }, /a manifest and an index at once/],
  ['types that disagree', image, /manifest says it is/, mediaTypes.ociIndex],
  [
    'another type',
    { ...image, mediaType: 'application/x' },
    /unsupported manifest media type "application\/x"/,
  ],
  [
    'an artifact',
    { ...image, config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
    /is no image/,
  ],
  [
    'a foreign layer',
    {
      ...image,
      layers: [{ ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }],
    },
    /manifest.layers\[0\] is of unsupported type/,
  ],
  [
    'a bad digest',
    { ...image, layers: [{ ...layer, digest: 'sha256:../../x' }] },
    /manifest.layers\[0\].digest is no digest/,
  ],
  [
    'a negative size',
    { ...image, layers: [{ ...layer, size: -1 }] },
    /manifest.layers\[0\].size must be a size/,
  ],
  ['a fraction', { ...image, config: { ...config, size: 1.5 } }, /manifest.config.size/],
  ['a layer that is null', { ...image, layers: [null] }, /manifest.layers\[0\] must be an object/],
  ['too many layers', { ...image, layers: Array(1001).fill(layer) }, /1001 entries, more than 1000/],
];
for (const [name, document, message, contentType] of bad)
  test(`no manifest: ${name}`, () =>
    assert.throws(() => parseManifest(bytes(document), contentType), { message }));

test('no manifest: too long, not JSON, not UTF-8', () => {
  assert.throws(() => parseManifest(Buffer.alloc((4 << 20) + 1, ' ')), /more than 4194304/);
  assert.throws(() => parseManifest(Buffer.from('[[[[')), /manifest is not JSON/);
  assert.throws(() => parseManifest(Buffer.from([0x22, 0xff, 0x22])), /manifest is not JSON/);
});

const goodConfig = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } };

test('a config keeps what it does not know', () => {
  const document = { ...goodConfig, config: { Cmd: ['sh'], Env: null, Extra: 1 }, moby: 2 };
  assert.deepEqual(parseImageConfig(bytes(document)), document);
});

const badConfigs: [name: string, document: unknown, message: RegExp][] = [
  ['without rootfs', {}, /config.rootfs must be an object/],
  ['of another rootfs', { ...goodConfig, rootfs: { type: 'x' } }, /rootfs.type/],
  [
    'a bad diffID',
    { ...goodConfig, rootfs: { type: 'layers', diff_ids: ['x'] } },
    /invalid checksum digest format/,
  ],
  ['an Env of numbers', { ...goodConfig, config: { Env: [1] } }, /config.config.Env\[0\] must be a string/],
  ['a Cmd that is a string', { ...goodConfig, config: { Cmd: 'sh' } }, /config.config.Cmd must be an array/],
  [
    'Labels of objects',
    { ...goodConfig, config: { Labels: { a: {} } } },
    /config.config.Labels.a must be a string/,
  ],
  ['a history of strings', { ...goodConfig, history: ['x'] }, /config.history\[0\] must be an object/],
];
for (const [name, document, message] of badConfigs)
  test(`no config: ${name}`, () =>
    assert.throws(() => parseImageConfig(bytes(document)), { kind: 'invalid', message }));
