import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { requestedSpan } from '../http/ranges.ts';
import { hasMoreValues } from './json-values.ts';
import { readManifest } from './manifest-document.ts';
import { accepts, wantsImage } from './negotiate.ts';
import { chunkSpan, receivedRange } from './ranges.ts';
import { isEndpoint, neededScopes } from './scopes.ts';

const ranges: readonly (readonly [
  header: string | undefined,
  size: number,
  want: ReturnType<typeof requestedSpan>,
])[] = [
  [undefined, 10, undefined],
  ['bytes=0-0', 10, { start: 0, end: 0 }],
  ['bytes=2-', 10, { start: 2, end: 9 }],
  ['bytes=2-99', 10, { start: 2, end: 9 }],
  ['bytes=-3', 10, { start: 7, end: 9 }],
  ['bytes=-99', 10, { start: 0, end: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=5-2', 10, undefined],
  ['bytes=-', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['bytes=a-b', 10, undefined],
  ['lines=0-1', 10, undefined],
  ['bytes=99999999999999999999999-', 10, 'unsatisfiable'],
];
for (const [header, size, want] of ranges)
  test(`Range ${header} of ${size}`, () => assert.deepEqual(requestedSpan(header, size), want));

const chunks: readonly (readonly [string, ReturnType<typeof chunkSpan>])[] = [
  ['0-99', { start: 0, end: 99 }],
  ['bytes 100-199/*', { start: 100, end: 199 }],
  ['bytes=100-199', { start: 100, end: 199 }],
  ['100-199/1000', { start: 100, end: 199 }],
  ['9-3', undefined],
  ['', undefined],
  ['-5', undefined],
  ['0-', undefined],
  ['0-9999999999999999', undefined],
];
for (const [header, want] of chunks)
  test(`Content-Range ${JSON.stringify(header)}`, () => assert.deepEqual(chunkSpan(header), want));

test('what was received', () => assert.deepEqual([0, 1, 100].map(receivedRange), ['0-0', '0-0', '0-99']));

const scopes: readonly (readonly [method: string, url: string, want: readonly string[]])[] = [
  ['GET', '/v2/', []],
  ['GET', '/v2/_catalog?n=1', ['registry:catalog:*']],
  ['GET', '/v2/a/b/manifests/latest', ['repository:a/b:pull']],
  ['HEAD', '/v2/a/b/blobs/sha256:00', ['repository:a/b:pull']],
  ['GET', '/v2/a/b/c/tags/list?n=1', ['repository:a/b/c:pull']],
  ['GET', '/v2/a/manifests/b/manifests/x', ['repository:a/manifests/b:pull']],
  ['PUT', '/v2/a/b/manifests/latest', ['repository:a/b:pull,push']],
  ['POST', '/v2/a/b/blobs/uploads/', ['repository:a/b:pull,push']],
  ['POST', '/v2/a/b/blobs/uploads/?mount=x&from=c/d', ['repository:a/b:pull,push', 'repository:c/d:pull']],
  ['POST', '/v2/a/b/blobs/uploads/?mount=x&from=c%22%0d', ['repository:a/b:pull,push']],
  ['PATCH', '/v2/a/b/blobs/uploads/1', ['repository:a/b:pull,push']],
  ['GET', '/v2/a/b/blobs/uploads/1', ['repository:a/b:pull,push']],
  ['DELETE', '/v2/a/b/blobs/uploads/1', ['repository:a/b:pull,push']],
  ['DELETE', '/v2/a/b/manifests/x', ['repository:a/b:delete']],
  ['GET', '/v2/a%22b/c/tags/list', []],
  ['GET', '/v2/%zz/tags/list', []],
  ['GET', '/v2/a/b/nothing', []],
];
for (const [method, url, want] of scopes)
  test(`the scope of ${method} ${url}`, () => assert.deepEqual(neededScopes({ method, url }), want));

test('addresses of the specification', () => {
  for (const path of ['/v2/', '/v2/_catalog', '/v2/a/b/tags/list', '/v2/a/b/blobs/uploads/'])
    assert.ok(isEndpoint(path), path);
  for (const path of ['/v2/a', '/v2/a/b/nothing', '/v2/a/b/tags']) assert.ok(!isEndpoint(path), path);
});

const { ociIndex, ociManifest, dockerIndex, dockerManifest } = mediaTypes;
const accepted: readonly (readonly [
  accept: string | undefined,
  type: string,
  want: boolean,
  image: boolean,
])[] = [
  [undefined, ociIndex, true, false],
  ['*/*', ociIndex, true, false],
  ['application/*', dockerManifest, true, false],
  ['text/html', ociManifest, true, false],
  [`${ociIndex}, ${ociManifest};q=0.5`, ociManifest, true, false],
  [ociManifest, ociIndex, false, true],
  [dockerManifest, dockerIndex, false, true],
  [dockerManifest, ociManifest, false, false],
  [dockerIndex, ociIndex, false, false],
];
for (const [accept, type, want, image] of accepted)
  test(`Accept ${accept} for ${type}`, () =>
    assert.deepEqual([accepts(accept, type), wantsImage(accept, type)], [want, image]));

const descriptor = (mediaType: string, more: object = {}) => ({
  ...{ mediaType, digest: digestOf(mediaType), size: 3 },
  ...more,
});
const read = (document: object, contentType?: string) =>
  readManifest(Buffer.from(JSON.stringify(document)), contentType);

test('what an artifact refers to, and its type', () => {
  const layer = descriptor('text/plain');
  const config = descriptor('application/vnd.oci.empty.v1+json');
  const subject = descriptor(ociManifest);
  const read1 = read({
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: 'x/y',
    config,
    layers: [layer],
    subject,
  });
  assert.deepEqual(
    [read1.artifactType, read1.subject, read1.references.map(({ kind }) => kind)],
    ['x/y', subject.digest, ['config', 'layer']],
  );
  assert.equal(read({ schemaVersion: 2, config, layers: null }, ociManifest).artifactType, config.mediaType);
});

test('layers that are elsewhere, and caches that are indexes of layers', () => {
  const config = descriptor(mediaTypes.dockerConfig);
  const foreign = descriptor('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', {
    urls: ['https://x.test/'],
  });
  const image = read({ schemaVersion: 2, config, layers: [foreign] }, dockerManifest);
  assert.deepEqual(
    image.references.map(({ kind }) => kind),
    ['config'],
  );
  const claimed = read(
    { schemaVersion: 2, config, layers: [{ ...foreign, mediaType: mediaTypes.dockerLayerGzip }] },
    dockerManifest,
  );
  assert.deepEqual(
    claimed.references.map(({ kind }) => kind),
    ['config', 'layer'],
  );
  const cache = read({
    schemaVersion: 2,
    mediaType: ociIndex,
    manifests: [descriptor(mediaTypes.ociLayerGzip), descriptor(ociManifest)],
  });
  assert.deepEqual(
    cache.references.map(({ kind }) => kind),
    ['layer', 'manifest'],
  );
});

const invalid: readonly (readonly [string, object, string?])[] = [
  ['another type', { schemaVersion: 2, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }],
  [
    'a type of its own that is not the request’s',
    { schemaVersion: 2, mediaType: ociIndex, manifests: [] },
    ociManifest,
  ],
  [
    'a size that is none',
    { schemaVersion: 2, config: descriptor('a/b', { size: -1 }), layers: [] },
    ociManifest,
  ],
  [
    'annotations that are no strings',
    { schemaVersion: 2, mediaType: ociIndex, manifests: [], annotations: { a: 1 } },
  ],
  [
    'more annotations than anyone reads',
    {
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [],
      annotations: Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`a${index}`, ''])),
    },
  ],
  ['a subject that is none', { schemaVersion: 2, mediaType: ociIndex, manifests: [], subject: 'x' }],
  ['too many', { schemaVersion: 2, mediaType: ociIndex, manifests: Array.from({ length: 10_001 }, () => 0) }],
];
for (const [what, document, type] of invalid)
  test(`a manifest with ${what}`, () =>
    assert.throws(() => read(document, type), { code: 'MANIFEST_INVALID' }));

const valued: readonly (readonly [json: string, values: number])[] = [
  ['[]', 1],
  ['{"a":1,"b":[1,2,{}]}', 6],
  ['"a,b,[{"', 0],
  ['["\\",[,","\\\\",{"b\\\\\\",":1}]', 4],
  ['[[[[[[', 6],
  ['', 0],
];
for (const [json, values] of valued)
  test(`values of ${json}`, () => {
    const bytes = Buffer.from(json.padEnd(20, ' '));
    assert.equal(hasMoreValues(bytes, values), false);
    if (values > 0) assert.equal(hasMoreValues(bytes, values - 1), true);
  });

const many = <T>(count: number, one: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => one(i));
const config = { mediaType: mediaTypes.ociConfig, digest: digestOf('x'), size: 1 };
const absurd: readonly (readonly [what: string, more: object, rule: RegExp])[] = [
  ['descriptors', { layers: many(33_000, () => config) }, /more than 100000 values|more than 10000/],
  ['layers', { layers: many(10_001, () => config) }, /manifest.layers has 10001 entries, more than 10000/],
  [
    'annotations',
    { annotations: Object.fromEntries(many(2001, (index) => [`a${index}`, ''] as const)) },
    /manifest.annotations has 2001 entries, more than 2000/,
  ],
  ['arrays', { other: many(200_000, () => []) }, /more than 100000 values/],
  [
    "a layer's annotations",
    {
      layers: [
        { ...config, annotations: Object.fromEntries(many(200_000, (index) => [index, ''] as const)) },
      ],
    },
    /more than 100000 values/,
  ],
];
for (const [what, more, rule] of absurd)
  test(`a manifest of too many ${what} is refused before they are read`, () => {
    const document = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [], ...more };
    assert.throws(() => readManifest(Buffer.from(JSON.stringify(document)), undefined), {
      ...{ code: 'MANIFEST_INVALID', message: rule },
    });
  });
