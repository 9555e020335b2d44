import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#base/id.ts';
import type { BlobStore } from '#hub/store/index.ts';
import { collect, hold, Upkeep } from '#hub/upkeep/index.ts';
import { digestOf } from '#oci/digest.ts';
import { slowness } from '../fixtures/engines.ts';
import { blobsOf, imageNamed, type KeptHub, startKeptHub } from '../fixtures/hub-upkeep.ts';

const none = { links: 0, manifests: 0, blobs: 0, bytes: 0, uploads: 0 };

suite('collection', () => {
  let kept: KeptHub;
  before(async () => {
    kept = await startKeptHub();
  });
  after(() => kept[Symbol.asyncDispose]());

  /** What a collection let go of. */
  async function collected(graceSeconds: number, untaggedSeconds?: number) {
    const {
      at: _at,
      milliseconds: _milliseconds,
      ...counts
    } = await kept.upkeep.collect({
      graceSeconds,
      untaggedSeconds,
    });
    return counts;
  }

  test('a blob that no manifest came for goes after the grace time, and what images have stays', async () => {
    const image = imageNamed('one');
    await kept.push('alice/app', 'v1', image);
    const bytes = randomBytes(5000);
    const lonely = await kept.pushBlob('alice/app', bytes);
    assert.deepEqual(await collected(3600), none);
    kept.age();
    assert.deepEqual(await collected(3600), { ...none, links: 1, blobs: 1, bytes: bytes.length });
    assert.equal((await kept.ask('GET', `alice/app/blobs/${lonely}`)).status, 404);
    assert.ok(await kept.isWhole('alice/app', 'v1', image));
    assert.deepEqual(await kept.files(), kept.records());
    assert.deepEqual(await kept.findings(), []);
  });

  test('what a deleted manifest had goes, but for what others have', async () => {
    const [two, three] = [imageNamed('two'), imageNamed('three')];
    await kept.push('alice/app', 'two', two);
    await kept.push('alice/other', 'three', three);
    const gone = await kept.ask('DELETE', `alice/app/manifests/${digestOf(two.manifest)}`);
    assert.equal(gone.status, 202);
    kept.age();
    const own = blobsOf(two).filter((digest) => !blobsOf(three).includes(digest));
    const counts = await collected(60);
    assert.equal(counts.blobs, own.length);
    assert.equal(counts.manifests, 1);
    assert.ok(await kept.isWhole('alice/other', 'three', three));
    for (const digest of own) assert.equal((await kept.ask('HEAD', `alice/app/blobs/${digest}`)).status, 404);
    assert.deepEqual(await kept.findings(), []);
  });

  test('an untagged manifest stays, unless untagged ones are to go', async () => {
    const [old, young] = [imageNamed('old'), imageNamed('young')];
    await kept.push('alice/moved', 'latest', old);
    await kept.push('alice/moved', 'latest', young);
    kept.age();
    assert.deepEqual(await collected(60), none);
    assert.equal((await kept.ask('GET', `alice/moved/manifests/${digestOf(old.manifest)}`)).status, 200);
    const counts = await collected(60, 3600);
    assert.equal(counts.manifests, 2, 'its record and its content');
    assert.equal((await kept.ask('GET', `alice/moved/manifests/${digestOf(old.manifest)}`)).status, 404);
    assert.ok(await kept.isWhole('alice/moved', 'latest', young));
    assert.deepEqual(await kept.findings(), []);
  });

  test('uploads that nobody goes on with go; one that grows stays', async () => {
    const { store } = kept.hub;
    const begin = async () => {
      const response = await fetch(`http://${kept.hub.host}/v2/alice/app/blobs/uploads/`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from('alice:correct horse battery').toString('base64')}` },
      });
      return response.headers.get('docker-upload-uuid')!;
    };
    const [stale, growing] = [await begin(), await begin()];
    kept.age();
    await (await store.open(growing))!.append(chunks(randomBytes(10)));
    await store.begin('ab'.repeat(16));
    assert.deepEqual(await collected(3600), { ...none, uploads: 2 });
    assert.deepEqual(await Array.fromAsync(store.uploads()), [growing]);
    assert.equal(kept.database.get('SELECT 1 FROM upload WHERE id = ?', stale), undefined);
    kept.age();
    assert.deepEqual(await collected(3600), { ...none, uploads: 1 });
  });

  test('a file that no record has goes', async () => {
    const upload = await kept.hub.store.begin('cd'.repeat(16));
    await upload.append(chunks(Buffer.from('stray')));
    await upload.commit(digestOf('stray'));
    assert.deepEqual(await collected(3600), { ...none, bytes: 5 });
    assert.deepEqual(await kept.files(), kept.records());
  });

  test('while someone holds the blobs, no file goes', async () => {
    const digest = await kept.pushBlob('alice/app', randomBytes(100));
    kept.age();
    const held = await hold(kept.hub.rooms.records.holds);
    assert.deepEqual(await collected(3600), { ...none, links: 1 });
    assert.ok((await kept.files()).includes(digest));
    await held[Symbol.asyncDispose]();
    assert.deepEqual(await collected(3600), { ...none, blobs: 1, bytes: 100 });
    assert.ok(!(await kept.files()).includes(digest));
  });

  test('a push of a blob whose file is about to go waits, and has it', async () => {
    const { rooms, store, locks } = kept.hub;
    const bytes = randomBytes(3000);
    const digest = await kept.pushBlob('alice/app', bytes);
    kept.age();
    const reached = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    const slow: BlobStore = {
      ...{ begin: (id) => store.begin(id), open: (id) => store.open(id), uploads: () => store.uploads() },
      ...{ range: (...args) => store.range(...args), read: (wanted) => store.read(wanted) },
      list: () => store.list(),
      delete: async (wanted) => {
        reached.resolve();
        await proceed.promise;
        await store.delete(wanted);
      },
    };
    const going = collect({ rooms, store: slow, locks }, { graceSeconds: 60 });
    await reached.promise;
    let isPushed = false;
    const pushing = kept.pushBlob('alice/app', bytes).then(() => {
      isPushed = true;
    });
    await sleep(100);
    assert.equal(isPushed, false);
    proceed.resolve();
    await Promise.all([going, pushing]);
    assert.ok((await kept.ask('GET', `alice/app/blobs/${digest}`)).body.equals(bytes));
  });

  test('a blob that is linked between the look and the deletion stays', async () => {
    const { rooms, store, locks } = kept.hub;
    const digest = await kept.pushBlob('alice/app', randomBytes(3000));
    kept.age();
    // the lock is ours until the blob was found without a link; then a push brings one
    const turn = await locks.acquire(digest);
    const going = collect({ rooms, store, locks }, { graceSeconds: 60 });
    while (kept.database.get('SELECT 1 FROM repository_blob WHERE digest = ?', digest) !== undefined)
      await sleep(5);
    await sleep(20);
    const { repository } = (await rooms.records.access.standing(undefined, 'alice/other'))!;
    const upload = { id: newId(), digest, size: 3000 };
    await rooms.records.uploads.begin(repository, upload, { most: 10 });
    await rooms.records.uploads.finish(repository, upload);
    turn[Symbol.dispose]();
    await going;
    assert.ok((await kept.files()).includes(digest));
    assert.equal((await kept.ask('GET', `alice/other/blobs/${digest}`)).status, 200);
  });

  test('pushes go on while collections do, and lose nothing', { timeout: 120_000 * slowness }, async () => {
    const { rooms, store, locks } = kept.hub;
    const upkeep = new Upkeep(rooms, { store, locks });
    const pushed: { readonly tag: string; readonly image: ReturnType<typeof imageNamed> }[] = [];
    let isOver = false;
    let collections = 0;
    const collecting = (async () => {
      while (!isOver) {
        await upkeep.collect({ graceSeconds: 2 });
        collections += 1;
        // what changes between two of its looks is not called wrong
        if (collections % 10 === 0) assert.deepEqual(await kept.findings(), []);
        await sleep(5);
      }
    })();
    const workers = Array.from({ length: 8 }, async (_, worker) => {
      for (let round = 0; round < 25; round += 1) {
        // some of these were deleted before: their blobs go, and are pushed again
        const image = imageNamed(`image ${(worker * 7 + round) % 40}`);
        const tag = `w${worker}-${round}`;
        await kept.push('alice/busy', tag, image);
        pushed.push({ tag, image });
        if (round % 5 === 4) {
          const scrap = imageNamed(`scrap ${worker % 3}`);
          await kept.push(`alice/scrap${worker}`, 'v', scrap);
          await kept.ask('DELETE', `alice/scrap${worker}/manifests/${digestOf(scrap.manifest)}`);
          kept.database.run(
            `UPDATE repository_blob SET linked_at = '2020' WHERE repository_id IN
               (SELECT id FROM repository WHERE full_name = ?)`,
            `alice/scrap${worker}`,
          );
        }
      }
    });
    await Promise.all(workers).finally(() => {
      isOver = true;
    });
    await collecting;
    assert.ok(collections > 5, `${collections} collections`);
    for (const { tag, image } of pushed) assert.ok(await kept.isWhole('alice/busy', tag, image), tag);
    assert.deepEqual(await kept.findings(), []);
    assert.deepEqual(kept.hub.errors, []);
  });
});

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
