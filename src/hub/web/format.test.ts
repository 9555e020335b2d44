import assert from 'node:assert/strict';
import test from 'node:test';
import { agoText, bytesText, commandText, countText, kindText, many, shortDigest } from './format.ts';

const sizes: [number, string][] = [
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1024 * 1024 - 1, '1 MiB'],
  [12.34 * 1024 ** 2, '12.3 MiB'],
  [20 * 1024 ** 3, '20 GiB'],
  [999.6 * 1024 ** 3, '1000 GiB'],
  [5000 * 1024 ** 5, '5000 PiB'],
];
for (const [bytes, want] of sizes)
  test(`${bytes} bytes: ${want}`, () => assert.equal(bytesText(bytes), want));

const now = new Date('2026-03-01T12:00:00Z');
const times: [string, string][] = [
  ['2026-03-01T11:59:30Z', 'just now'],
  ['2026-03-01T11:58:00Z', '2 minutes ago'],
  ['2026-02-28T12:00:00Z', 'yesterday'],
  ['2026-03-01T14:30:00Z', 'in 2 hours'],
  ['2024-02-01T12:00:00Z', '2 years ago'],
];
for (const [time, want] of times) test(`${time}: ${want}`, () => assert.equal(agoText(time, now), want));

const commands: [string, string][] = [
  ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['RUN /bin/sh -c make # buildkit', 'RUN make'],
  ['|1 A=b /bin/sh -c make', 'RUN make'],
  ['COPY . /app # buildkit', 'COPY . /app'],
];
for (const [command, want] of commands)
  test(`${command}: ${want}`, () => assert.equal(commandText(command), want));

test('words for counts, digests and media types', () => {
  assert.equal(countText(12_345), '12.3K');
  assert.equal(many(1, 'tag'), '1 tag');
  assert.equal(many(2000, 'repository', 'repositories'), '2,000 repositories');
  assert.equal(shortDigest(`sha256:${'ab'.repeat(32)}`), 'sha256:abababababab');
  assert.equal(kindText('application/vnd.oci.image.index.v1+json'), 'Index');
  assert.equal(kindText('application/vnd.docker.distribution.manifest.v2+json'), 'Image');
  assert.equal(kindText('application/vnd.docker.image.rootfs.diff.tar.gzip'), 'tar, gzip');
  assert.equal(kindText('application/spdx+json'), 'application/spdx+json');
});
