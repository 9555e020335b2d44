import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  familiarName,
  familiarString,
  parseReference,
  repositoryOf,
  withDefaultTag,
  withTagOrDigest,
} from './reference.ts';

const hex = 'a'.repeat(64);

const good: [text: string, whole: string, familiar: string][] = [
  ['busybox', 'docker.io/library/busybox', 'busybox'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
  ['library/busybox', 'docker.io/library/busybox', 'busybox'],
  ['docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
  ['docker.io/library/busybox', 'docker.io/library/busybox', 'busybox'],
  ['index.docker.io/busybox:x', 'docker.io/library/busybox:x', 'busybox:x'],
  ['bitnami/redis', 'docker.io/bitnami/redis', 'bitnami/redis'],
  ['library/a/b', 'docker.io/library/a/b', 'library/a/b'],
  ['localhost/web', 'localhost/web', 'localhost/web'],
  ['localhost:5000/web:v1', 'localhost:5000/web:v1', 'localhost:5000/web:v1'],
  ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
  ['Host/web', 'Host/web', 'Host/web'],
  ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c'],
  ['[::1]:5000/web', '[::1]:5000/web', '[::1]:5000/web'],
  [`gcr.io/p/q@sha256:${hex}`, `gcr.io/p/q@sha256:${hex}`, `gcr.io/p/q@sha256:${hex}`],
  [`busybox:1@sha256:${hex}`, `docker.io/library/busybox:1@sha256:${hex}`, `busybox:1@sha256:${hex}`],
  ['a__b--c.d_e', 'docker.io/library/a__b--c.d_e', 'a__b--c.d_e'],
  [`${'a'.repeat(63)}`, `docker.io/library/${'a'.repeat(63)}`, 'a'.repeat(63)],
];
for (const [text, whole, familiar] of good) {
  test(`the reference ${text}`, () => {
    const reference = parseReference(text);
    assert.equal(
      repositoryOf(reference) + familiarString(reference).slice(familiarName(reference).length),
      whole,
    );
    assert.equal(familiarString(reference), familiar);
    assert.deepEqual(parseReference(whole), reference);
  });
}

const bad: [text: string, message: string][] = [
  ['', 'invalid reference format'],
  ['Busybox', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
  ['docker.io/Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  [':tag', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['a:-b', 'invalid reference format'],
  [`a:${'t'.repeat(129)}`, 'invalid reference format'],
  ['a//b', 'invalid reference format'],
  ['a/', 'invalid reference format'],
  ['/a', 'invalid reference format'],
  ['a..b', 'invalid reference format'],
  ['a___b', 'invalid reference format'],
  ['-a', 'invalid reference format'],
  ['a b', 'invalid reference format'],
  ['a\n', 'invalid reference format'],
  ['http://host/a', 'invalid reference format'],
  ['a@b', 'invalid reference format'],
  ['a@sha256:abc', 'invalid reference format'],
  [`a@sha256:${hex.slice(1)}`, 'invalid checksum digest length'],
  [`a@md5:${hex}`, 'unsupported digest algorithm'],
  ['../../etc/passwd', 'invalid reference format'],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  [`h.io/${'a/'.repeat(128)}a`, 'repository name must not be more than 255 characters'],
  ['a'.repeat(100_000), 'invalid reference format'],
];
for (const [text, message] of bad) {
  test(`no reference: ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.throws(() => parseReference(text), { kind: 'invalid', message });
  });
}

test('the default tag goes where there is neither tag nor digest', () => {
  assert.equal(familiarString(withDefaultTag(parseReference('a'))), 'a:latest');
  assert.equal(familiarString(withDefaultTag(parseReference('a:b'))), 'a:b');
  assert.equal(familiarString(withDefaultTag(parseReference(`a@sha256:${hex}`))), `a@sha256:${hex}`);
});

test('a tag or digest given apart', () => {
  assert.equal(familiarString(withTagOrDigest(parseReference('a:b'), 'c')), 'a:c');
  assert.equal(familiarString(withTagOrDigest(parseReference('a'), `sha256:${hex}`)), `a@sha256:${hex}`);
  assert.throws(() => withTagOrDigest(parseReference('a'), 'sha256:12'), {
    message: 'invalid reference format',
  });
});
