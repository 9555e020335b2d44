import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { newId } from '#base/id.ts';
import { digestOf, hexOf } from '#oci/digest.ts';
import { blobStoreContract } from '../../../test/fixtures/blob-store-contract.ts';
import { openDirectoryStore } from './directory.ts';

async function rooted(context: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'hub-store-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  return { root, store: await openDirectoryStore(root), reopen: () => openDirectoryStore(root) };
}

blobStoreContract('directory', rooted);

const hello = Buffer.from('hello');
async function* one() {
  yield hello;
}

test("a blob's file is its owner's alone, where the drawing says", async (context) => {
  const { root, store } = await rooted(context);
  const upload = await store.begin(newId());
  await upload.append(one());
  await upload.commit(digestOf(hello));
  const hex = hexOf(digestOf(hello));
  const { mode, size } = await stat(join(root, 'blobs/sha256', hex.slice(0, 2), hex));
  assert.deepEqual([mode & 0o777, size], [0o600, 5]);
});

test('a file that is shorter than what was hashed is hashed anew', async (context) => {
  const { root, store } = await rooted(context);
  const id = newId();
  await (await store.begin(id)).append(one());
  await truncate(join(root, 'uploads', id), 4);
  const upload = await store.open(id);
  assert.equal(upload?.received, 4);
  assert.equal(await upload.digest('sha256'), digestOf('hell'));
});

test('a damaged blob is replaced by a good one', async (context) => {
  const { root, store } = await rooted(context);
  const hex = hexOf(digestOf(hello));
  for (const damage of [undefined, 'hellO']) {
    if (damage !== undefined) await writeFile(join(root, 'blobs/sha256', hex.slice(0, 2), hex), damage);
    const upload = await store.begin(newId());
    await upload.append(one());
    await upload.commit(digestOf(hello));
    assert.deepEqual(await Array.fromAsync(store.read(digestOf(hello))), [hello]);
  }
});

test('what is no blob is not listed', async (context) => {
  const { root, store } = await rooted(context);
  await writeFile(join(root, 'blobs/sha256/stray'), '');
  assert.deepEqual(await Array.fromAsync(store.list()), []);
});
