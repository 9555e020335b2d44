import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { openSnapshotter } from '#snapshot/index.ts';
import { hostileLayers } from '../fixtures/hostile-layers.ts';
import { filesIn, isRoot, opened } from '../fixtures/snapshotter-contract.ts';
import { chunked, file, paxSparse } from '../fixtures/tar.ts';
import { treeOf } from '../fixtures/tree.ts';

for (const driver of ['erofs', 'overlay']) {
  for (const [what, bytes, outcome] of hostileLayers) {
    test(`${driver}: ${what}`, { skip: isRoot ? false : 'needs root' }, async (context) => {
      const open = (at: { root: string; database: Parameters<typeof openSnapshotter>[0]['database'] }) =>
        openSnapshotter({ database: at.database, root: () => at.root, driver, log: silentLog });
      const { snapshots, root } = await opened(context, open);
      if (outcome instanceof RegExp) {
        await assert.rejects(snapshots.ingest(chunked(bytes, 4096)), { kind: 'invalid', message: outcome });
        await snapshots.settled();
        assert.deepEqual(filesIn(root), { layers: [], ingest: [], snapshots: [], trash: [] });
      } else {
        const layer = await snapshots.ingest(chunked(bytes, 4096));
        await using view = await snapshots.view([layer.diffId]);
        assert.deepEqual(treeOf(view.fd).slice(1), outcome);
      }
      assert.deepEqual(readdirSync(join(root, '..')).sort(), [
        'driver',
        'hoist.db',
        'hoist.db-shm',
        'hoist.db-wal',
      ]);
      assert.ok(!existsSync('/etc/evil') && !existsSync('/tmp/evil') && !existsSync('/evil'));
    });
  }

  test(`${driver}: a bomb is refused at the limits`, {
    skip: isRoot ? false : 'needs root',
  }, async (context) => {
    const limits = { entries: 1000, totalSize: 1 << 20 };
    const { snapshots, root } = await opened(context, ({ database, root: at }) =>
      openSnapshotter({ database, root: () => at, driver, log: silentLog, limits }),
    );
    async function* endless(member: Buffer) {
      for (;;) yield member;
    }
    await assert.rejects(snapshots.ingest(endless(file('f'))), {
      kind: 'invalid',
      message: /"f".*more than 1000 entries/,
    });
    await assert.rejects(snapshots.ingest(endless(file('f', 'x'.repeat(60_000)))), {
      kind: 'invalid',
      message: /"f".*size limit/,
    });
    await assert.rejects(snapshots.ingest(endless(paxSparse('0.1', 's', 1 << 19, []))), {
      kind: 'invalid',
      message: /"s".*size limit/,
    });
    await snapshots.settled();
    assert.deepEqual(filesIn(root), { layers: [], ingest: [], snapshots: [], trash: [] });
  });
}
