import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { hexOf } from '#oci/digest.ts';
import { openSnapshotter } from '#snapshot/index.ts';
import { baseTar, newTar, type Step } from '../fixtures/snapshot-step.ts';
import { digestOf, filesIn, isRoot, type Open, opened } from '../fixtures/snapshotter-contract.ts';
import { chunked } from '../fixtures/tar.ts';

const points: readonly [step: Step, point: string, drivers?: readonly string[]][] = [
  ['ingest', 'snapshot.ingest.begin'],
  ['ingest', 'snapshot.ingest.metadata', ['erofs']],
  ['ingest', 'snapshot.ingest.tree', ['overlay']],
  ['ingest', 'snapshot.ingest.written'],
  ['ingest', 'snapshot.ingest.renamed'],
  ['prepare', 'snapshot.prepare.recorded'],
  ['prepare', 'snapshot.prepare.half'],
  ['remove', 'snapshot.remove.recorded'],
  ['remove', 'snapshot.remove.renamed'],
  ['removeLayer', 'snapshot.removeLayer.recorded'],
  ['removeLayer', 'snapshot.removeLayer.renamed'],
];

const both = ['erofs', 'overlay'];
for (const driver of both) {
  for (const [step, point] of points.filter(([, , drivers]) => (drivers ?? both).includes(driver))) {
    test(`${driver}: killed at ${point}, the next start finishes or undoes`, {
      skip: isRoot ? false : 'needs root',
    }, async (context) => {
      const open: Open = ({ database, root }) =>
        openSnapshotter({ database, root: () => root, driver, log: silentLog });
      const { snapshots, root, database } = await opened(context, open);
      const base = await snapshots.ingest(chunked(baseTar));
      if (step !== 'removeLayer') {
        await snapshots.prepare('old', [base.diffId]);
        await using rootfs = await snapshots.mount('old');
        writeFileSync(`/proc/self/fd/${rootfs.fd}/written`, 'w');
      }
      await snapshots.close();
      const script = join(import.meta.dirname, '../fixtures/snapshot-step.ts');
      const env = { ...process.env, HOIST_CRASH_AT: point };
      const ended = spawnSync(process.execPath, [script, driver, join(root, '..'), step], {
        env,
        encoding: 'utf8',
      });
      assert.equal(ended.signal, 'SIGKILL', ended.stderr);

      const again = await open({ database, root });
      await again.recover();
      await again.settled();
      assert.deepEqual(again.listSnapshots(), step === 'remove' || step === 'removeLayer' ? [] : ['old']);
      assert.deepEqual(again.listLayers(), step === 'removeLayer' ? [] : [base]);
      assert.deepEqual(filesIn(root), {
        layers: again.listLayers().map(({ diffId }) => hexOf(diffId)),
        ingest: [],
        snapshots: again.listSnapshots(),
        trash: [],
      });
      if (again.listSnapshots().includes('old')) {
        await using rootfs = await again.mount('old');
        assert.equal(readFileSync(`/proc/self/fd/${rootfs.fd}/written`, 'utf8'), 'w');
        assert.equal(readFileSync(`/proc/self/fd/${rootfs.fd}/base`, 'utf8'), 'b');
      }
      assert.equal((await again.ingest(chunked(newTar))).diffId, digestOf(newTar));
      await again.prepare('new', [digestOf(newTar)]);
      await again.remove('new');
      await again.close();
    });
  }
}
