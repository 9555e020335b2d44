import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestOf, hexOf } from '#oci/digest.ts';
import { Database } from '#state/database.ts';
import { ContentStore } from './content-store.ts';

test('a blob is there when put, gone when removed, and strays go at boot', async () => {
  const root = await mkdtemp(join(tmpdir(), 'hoist-content-'));
  using database = new Database(':memory:');
  try {
    const store = await ContentStore.open({ root, database });
    const digest = await store.put(Buffer.from('{}'));
    assert.equal(digest, digestOf('{}'));
    assert.equal((await store.get(digest)).toString(), '{}');
    assert.deepEqual(
      store.list().map((blob) => ({ ...blob })),
      [{ digest, size: 2 }],
    );

    await writeFile(join(root, 'ingest', 'half'), 'x');
    await writeFile(join(root, 'sha256', 'a'.repeat(64)), 'never recorded');
    await ContentStore.open({ root, database });
    assert.deepEqual(await readdir(join(root, 'ingest')), []);
    assert.deepEqual(await readdir(join(root, 'sha256')), [hexOf(digest)]);

    await rm(join(root, 'sha256', hexOf(digest)));
    const again = await ContentStore.open({ root, database });
    assert.equal(again.has(digest), false);
    await assert.rejects(again.get(digest), { kind: 'notFound' });

    await again.put(Buffer.from('{}'));
    await writeFile(join(root, 'sha256', hexOf(digest)), 'damaged');
    await assert.rejects(again.get(digest), { kind: 'internal' });
    await again.remove(digest);
    await again.remove(digest);
    assert.deepEqual(again.list(), []);
  } finally {
    await rm(root, { recursive: true });
  }
});
