import assert from 'node:assert/strict';
import { closeSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { ErofsStore } from '#snapshot/erofs/store.ts';
import { openSnapshotter } from '#snapshot/index.ts';
import { mountBy } from '#snapshot/overlay-mount.ts';
import { UnionSnapshotter } from '#snapshot/union.ts';
import { Database } from '#state/index.ts';
import { isRoot, type Open, snapshotterContract } from '../fixtures/snapshotter-contract.ts';

const opens =
  (driver: string): Open =>
  ({ database, root }) =>
    openSnapshotter({ database, root: () => root, driver, log: silentLog });

snapshotterContract('erofs', opens('erofs'));
snapshotterContract('overlay', opens('overlay'));
// what kernels 6.12 to 6.14 need, newer ones can as well
snapshotterContract('erofs with layers in the mount table', async ({ database, root }) => {
  const store = new ErofsStore(join(root, 'mounts'));
  return new UnionSnapshotter({ database, root, store, log: silentLog });
});

const skip = isRoot ? false : 'needs root';

test('the kernel’s best driver is chosen, and says why', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-snapshot-'));
  using database = new Database(':memory:');
  const options = { database, root: (name: string) => join(folder, name), log: silentLog };
  const chosen = await openSnapshotter(options);
  const rows = new Map(chosen.status());
  assert.equal(rows.get('Chosen Because'), 'the best that the kernel can do');
  if (chosen.name !== 'erofs') assert.match(rows.get('Not erofs') ?? '', /./);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('probe')),
    [],
  );
  await assert.rejects(openSnapshotter({ ...options, driver: 'zfs' }), {
    kind: 'unsupported',
    message: 'driver not supported: zfs',
  });
  await chosen.close();
  rmSync(folder, { recursive: true });
});

for (const way of ['fd', 'path', 'mount'] as const) {
  test(`overlayfs takes its layers by ${way}`, { skip }, (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'hoist-overlay-'));
    const held: number[] = [];
    context.after(() => {
      for (const fd of held) closeSync(fd);
      rmSync(folder, { recursive: true, force: true });
    });
    const at = (name: string) => join(folder, name);
    for (const name of ['low,er:1', 'lower2', 'up,per', 'work', 'staging']) mkdirSync(at(name));
    writeFileSync(join(at('low,er:1'), 'a'), 'bottom');
    writeFileSync(join(at('lower2'), 'a'), 'top');
    const upper = { directory: at('up,per'), work: at('work') };
    const fd = mountBy(way, { lowers: [at('low,er:1'), at('lower2')], upper }, 'rw', at('staging'));
    held.push(fd);
    assert.equal(readFileSync(`/proc/self/fd/${fd}/a`, 'utf8'), 'top');
    writeFileSync(`/proc/self/fd/${fd}/b`, 'written');
    assert.equal(readFileSync(join(at('up,per'), 'b'), 'utf8'), 'written');
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(folder));
    const ro = mountBy(way, { lowers: [at('low,er:1'), at('lower2')] }, 'ro', at('staging'));
    held.push(ro);
    assert.throws(() => writeFileSync(`/proc/self/fd/${ro}/c`, ''), { code: 'EROFS' });
  });
}

test('layers that a killed daemon left in the mount table are taken out of it', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-erofs-'));
  const attachIn = join(folder, 'mounts');
  const killed = new ErofsStore(attachIn);
  const { diffId } = await killed.write(join(folder, 'layer'), (async function* () {})(), {});
  const lower = killed.lower(diffId, join(folder, 'layer'));
  const mounted = () => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${attachIn}/`);
  assert.ok(mounted());
  const next = new ErofsStore(attachIn);
  next.recover();
  assert.deepEqual([mounted(), readdirSync(attachIn)], [false, []]);
  next.lower(diffId, join(folder, 'layer'));
  await next.close();
  assert.equal(mounted(), false);
  closeSync(Number(lower));
  rmSync(folder, { recursive: true });
});
