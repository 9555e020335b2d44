import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { openSnapshotter, type Snapshotter } from '#snapshot/index.ts';
import { Database } from '#state/index.ts';
import { tarOf } from '../fixtures/images.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

for (const driver of ['erofs', 'overlay'])
  test(`${driver}: a layer that is to be durable later`, { skip }, async () => {
    const root = mkdtempSync(join(tmpdir(), 'hoist-durable-'));
    using database = new Database(join(root, 'db'));
    const marks = () => database.all("SELECT * FROM meta WHERE name LIKE 'unsynced-layer/%'").length;
    const open = () =>
      openSnapshotter({ database, root: (name) => join(root, name), driver, log: silentLog });
    let snapshotter: Snapshotter | undefined;
    try {
      snapshotter = await open();
      const later = { durable: 'later' } as const;
      const [kept, lost] = [
        await snapshotter.ingest(once(tarOf({ a: '1' })), later),
        await snapshotter.ingest(once(tarOf({ a: '2' })), later),
      ];
      assert.equal(marks(), 2);
      await snapshotter.ingest(once(tarOf({ a: '1' })));
      assert.equal(marks(), 0, 'who asks for the same now has it now');
      await snapshotter.removeLayer(lost.diffId);
      await snapshotter.ingest(once(tarOf({ a: '2' })), later);
      assert.equal(marks(), 1);
      // As if the machine had gone down before it was on disk.
      database.run("UPDATE meta SET value = 'another boot' WHERE name LIKE 'unsynced-layer/%'");
      const next = await open();
      await next.recover();
      assert.equal(next.has(lost.diffId), false);
      assert.equal(next.has(kept.diffId), true);
      assert.equal(marks(), 0);
      await next.ingest(once(tarOf({ a: '2' })), later);
      await next.close();
      assert.equal(marks(), 0);
    } finally {
      await snapshotter?.close();
      rmSync(root, { recursive: true, force: true });
    }
  });
