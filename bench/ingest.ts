/**
 * How fast a layer becomes mountable, and how fast it goes: 40,000 files, 600 MB, half of it compressible.
 *
 *     node bench/ingest.ts [erofs|overlay] [folder]
 *
 * Times are wall and CPU milliseconds of this process: from the tar, from the tar in gzip, `stat` of every file through
 * a new mount, a container's snapshot, removal (answered, and freed).
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { compressed, decompressed, endOfTar, headerOf, paddingFor } from '#archive/index.ts';
import { silentLog } from '#base/log.ts';
import type { Digest } from '#oci/digest.ts';
import { openSnapshotter } from '#snapshot/index.ts';
import { usageOf } from '#snapshot/upper/usage.ts';
import { Database } from '#state/index.ts';

const files = 40_000;
const directories = 2_000;
const totalSize = 600_000_000;

function* bigTar(): Generator<Uint8Array> {
  const noise = randomBytes(1 << 20);
  const words = Buffer.from('a line of text that any file may hold, as most files do\n'.repeat(1 << 14));
  for (let i = 0; i < directories; i++) yield headerOf({ name: `usr/lib/package-${i}/`, type: 'directory' });
  for (let i = 0; i < files; i++) {
    const size = Math.floor((totalSize / files) * (0.5 + (i % 101) / 100));
    const bytes = (i % 2 === 0 ? noise : words).subarray(i, i + size);
    yield headerOf({
      name: `usr/lib/package-${i % directories}/file-${i}.txt`,
      type: 'file',
      size: bytes.length,
    });
    yield bytes;
    yield paddingFor(bytes.length);
  }
  yield endOfTar;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const used = process.cpuUsage(cpu);
  const wall = (performance.now() - start).toFixed(0).padStart(7);
  console.log(
    `${what.padEnd(44)} ${wall} ms   cpu ${((used.user + used.system) / 1000).toFixed(0).padStart(6)} ms`,
  );
  return result;
}

const chunks = (path: string) => createReadStream(path, { highWaterMark: 1 << 20 });

const driver = process.argv[2] ?? 'erofs';
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'hoist-bench-'));
try {
  const [tar, gzip] = [join(folder, 'layer.tar'), join(folder, 'layer.tar.gz')];
  await pipeline(Readable.from(bigTar()), createWriteStream(tar));
  await pipeline(Readable.from(compressed(chunks(tar), { level: 6 })), createWriteStream(gzip));
  console.log(`${driver}: tar of ${statSync(tar).size} bytes, ${statSync(gzip).size} in gzip`);
  using database = new Database(join(folder, 'db'));
  const root = (name: string) => join(folder, name);
  const snapshots = await openSnapshotter({ database, root, driver, log: silentLog });
  const remove = async (diffId: Digest) => {
    await timed('remove the layer, answered', () => snapshots.removeLayer(diffId));
    await timed('remove the layer, freed', () => snapshots.settled());
  };
  const first = await timed('ingest the tar', () => snapshots.ingest(chunks(tar)));
  await remove(first.diffId);
  await timed('gunzip alone', async () => {
    for await (const _chunk of decompressed(chunks(gzip)));
  });
  const layer = await timed('ingest the tar in gzip', () => snapshots.ingest(decompressed(chunks(gzip))));
  await timed('prepare and mount a snapshot', async () => {
    await snapshots.prepare('bench', [layer.diffId]);
    await using _rootfs = await snapshots.mount('bench');
  });
  await timed('stat every file through a new mount', async () => {
    await using rootfs = await snapshots.view([layer.diffId]);
    console.log(await usageOf(`/proc/self/fd/${rootfs.fd}/.`));
  });
  await timed('read the tar back', async () => {
    for await (const _chunk of snapshots.readTar(layer.diffId));
  });
  await snapshots.remove('bench');
  await remove(layer.diffId);
  await snapshots.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
