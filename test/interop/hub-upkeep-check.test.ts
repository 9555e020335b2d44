import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { Ledger } from '#hub/records/sqlite/ledger.ts';
import { type Digest, digestOf } from '#oci/digest.ts';
import { blobsOf, imageNamed, type KeptHub, startKeptHub } from '../fixtures/hub-upkeep.ts';

suite('scrub and check', () => {
  let kept: KeptHub;
  const image = imageNamed('checked');
  const [layer, , config] = blobsOf(image) as [Digest, Digest, Digest];
  before(async () => {
    kept = await startKeptHub();
    await kept.push('alice/app', 'v1', image);
  });
  after(() => kept[Symbol.asyncDispose]());

  const pathOf = async (digest: Digest) => (await kept.hub.store.range(digest))!.path;
  /** Changes one byte in the middle. */
  async function spoil(digest: Digest): Promise<void> {
    const path = await pathOf(digest);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
  }
  const kinds = async (options = {}) =>
    (await kept.findings(options)).map(({ kind, problem }) => `${kind}: ${problem}`);
  const run = (sql: string, ...values: (string | number | Buffer)[]) => kept.database.run(sql, ...values);

  test('a blob that reads wrong is served no more, and again once it is pushed', async () => {
    await spoil(layer);
    const { bad } = await kept.upkeep.scrub();
    assert.deepEqual(bad, [layer]);
    for (const method of ['GET', 'HEAD'])
      assert.equal((await kept.ask(method, `alice/app/blobs/${layer}`)).status, 404);
    assert.ok(kept.hub.errors.some((line) => line.includes(layer)));
    assert.deepEqual((await kept.upkeep.scrub()).bad, [layer], 'it is told each time');
    await kept.push('alice/app', 'v1', image);
    assert.ok(await kept.isWhole('alice/app', 'v1', image));
    assert.deepEqual((await kept.upkeep.scrub()).bad, []);
  });

  test('one that reads right again is served again', async () => {
    await spoil(layer);
    await kept.upkeep.scrub();
    await spoil(layer);
    assert.deepEqual(await kinds(), ['blob: it is marked as bad, and its file is right']);
    await kept.upkeep.scrub();
    assert.ok(await kept.isWhole('alice/app', 'v1', image));
  });

  test('a scrub of what was not read for long leaves what was, and keeps to its pace', async () => {
    assert.equal((await kept.upkeep.scrub({ olderThanSeconds: 3600 })).blobs, 0);
    const bytes = Buffer.alloc(300_000, 7);
    await kept.pushBlob('alice/app', bytes);
    const started = performance.now();
    const { blobs } = await kept.upkeep.scrub({ olderThanSeconds: 3600, bytesPerSecond: 1_000_000 });
    assert.equal(blobs, 1);
    assert.ok(performance.now() - started > 200);
  });

  test('a scrub ends when it is told to', async () => {
    await assert.rejects(kept.upkeep.scrub({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  const damages: readonly {
    readonly name: string;
    readonly make: () => Promise<void> | void;
    readonly found: readonly string[];
    /** What is still said after a repair. */
    readonly left?: readonly string[];
    readonly quick?: boolean;
  }[] = [
    {
      name: 'content of a file',
      make: () => spoil(layer),
      found: ['blob: its file has other content'],
      left: ['blob: its file has other content'],
    },
    {
      name: 'a file cut short',
      make: async () => truncateSync(await pathOf(layer), 10),
      found: ['blob: its file has another size'],
      left: ['blob: its file has another size'],
      quick: true,
    },
    {
      name: 'a file that is gone',
      make: async () => rmSync(await pathOf(config)),
      found: ['blob: its file is not there'],
      left: ['blob: its file is not there'],
      quick: true,
    },
    {
      name: "a manifest's content",
      make: () =>
        void run(
          'UPDATE manifest_content SET bytes = ? WHERE digest = ?',
          Buffer.from('x'),
          digestOf(image.manifest),
        ),
      found: ['manifest: its content is other than its digest says'],
      left: ['manifest: its content is other than its digest says'],
    },
    {
      name: 'a link',
      make: () => {
        const { id } = kept.database.get<{ id: number }>(
          "SELECT id FROM repository WHERE full_name = 'alice/app'",
        )!;
        run('DELETE FROM repository_blob WHERE repository_id = ? AND digest = ?', id, layer);
        new Ledger(kept.database).unlink(id, layer);
      },
      found: [`link: its layer ${layer} is not in the repository`],
    },
    {
      name: 'usage',
      make: () => void run("UPDATE account SET private_bytes = private_bytes + 1 WHERE name = 'alice'"),
      found: ['usage'],
    },
    {
      name: 'usage of one content',
      make: () => void run('UPDATE owner_content SET links = 9 WHERE digest = ?', config),
      found: ['usage'],
    },
    {
      name: 'stars',
      make: () => void run("UPDATE repository SET stars = 3 WHERE full_name = 'alice/app'"),
      found: ['stars: it is said to have 3, and has 0'],
    },
    {
      name: 'the search index',
      make: () => void run('DELETE FROM private_text'),
      found: ['search'],
    },
  ];
  for (const { name, make, found, left = [], quick = false } of damages) {
    test(`check finds damage to ${name}${left.length === 0 ? ' and mends it' : ''}`, async () => {
      await using own = await startKeptHub();
      const outer = kept;
      kept = own;
      try {
        await own.push('alice/app', 'v1', image);
        assert.deepEqual(await kinds(), []);
        await make();
        const shown = await kinds({ quick });
        assert.equal(shown.length, found.length, shown.join('\n'));
        for (const [index, text] of found.entries()) assert.ok(shown[index]!.startsWith(text), shown[index]);
        assert.equal((await own.findings({ repair: true })).length, found.length);
        assert.deepEqual(await kinds(), left);
      } finally {
        kept = outer;
      }
    });
  }

  test('a repair of a bad blob has it pushed again', async () => {
    await spoil(config);
    await kept.findings({ repair: true });
    assert.equal((await kept.ask('HEAD', `alice/app/blobs/${config}`)).status, 404);
    await kept.push('alice/app', 'v1', image);
    assert.ok(await kept.isWhole('alice/app', 'v1', image));
    assert.deepEqual(await kept.findings(), []);
  });
});
