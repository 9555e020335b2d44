import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { memberOf, readTar } from '#archive/index.ts';
import { hubPaths } from '#hub/paths.ts';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import { openSqliteSnapshot } from '#hub/records/sqlite/open-snapshot.ts';
import { openDirectoryStore } from '#hub/store/index.ts';
import { backup, check, restore } from '#hub/upkeep/index.ts';
import { digestOf } from '#oci/digest.ts';
import { blobsOf, imageNamed, type KeptHub, startKeptHub } from '../fixtures/hub-upkeep.ts';

suite('backup and restore', () => {
  let kept: KeptHub;
  let folder: string;
  const image = imageNamed('kept');
  before(async () => {
    kept = await startKeptHub();
    folder = mkdtempSync(join(tmpdir(), 'hub-backup-'));
    await kept.push('alice/app', 'v1', image);
  });
  after(async () => {
    await kept[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const parts = () => ({
    ...{ rooms: kept.hub.rooms, store: kept.hub.store },
    ...{ directory: kept.directory, version: '1.2.3' },
  });
  async function tarred(): Promise<Buffer> {
    return Buffer.concat(await Array.fromAsync(backup(parts())));
  }
  let count = 0;
  const emptyFolder = () => {
    count += 1;
    const path = join(folder, `${count}`);
    mkdirSync(path);
    return path;
  };
  const restored = (tar: Buffer, directory = emptyFolder(), options = {}) =>
    restore(piecesOf(tar), {
      ...{ directory, openStore: openDirectoryStore, openSnapshot: openSqliteSnapshot },
      now: () => new Date(),
      ...options,
    });

  /** What a check of a restored directory finds, and the tags there. */
  async function lookInto(directory: string) {
    await using records = openSqliteRecords(hubPaths(directory).database);
    const { database } = records;
    const findings: string[] = [];
    const store = await openDirectoryStore(directory);
    const checked = await check(
      { rooms: { records }, store },
      { found: ({ kind, subject, problem }) => findings.push(`${kind} ${subject}: ${problem}`) },
    );
    const tags = database
      .all<{ name: string }>(
        "SELECT r.full_name || ':' || t.name AS name FROM tag t JOIN repository r ON r.id = t.repository_id",
      )
      .map(({ name }) => name);
    const uploads = database.all('SELECT * FROM upload').length;
    return { findings, checked, tags, uploads };
  }

  test('what is restored is what was backed up', async () => {
    const directory = emptyFolder();
    const { blobs, bad } = await restored(await tarred(), directory);
    assert.deepEqual([blobs, bad], [3, []]);
    const { findings, tags, checked } = await lookInto(directory);
    assert.deepEqual(findings, []);
    assert.deepEqual(tags, ['alice/app:v1']);
    assert.deepEqual([checked.blobs, checked.strayFiles, checked.manifests], [3, 0, 1]);
    assert.deepEqual(readdirSync(directory).sort(), ['blobs', 'hub.db', 'uploads']);
    assert.deepEqual(
      readdirSync(kept.directory).filter((name) => name.startsWith('backup')),
      [],
    );
  });

  test('a backup that is left before its end holds nothing up and leaves nothing', async () => {
    const tar = backup(parts());
    await tar.next();
    await tar.next();
    assert.equal(kept.database.all('SELECT * FROM hold').length, 1);
    await tar.return(undefined as never);
    assert.equal(kept.database.all('SELECT * FROM hold').length, 0);
    assert.deepEqual(
      readdirSync(kept.directory).filter((name) => name.startsWith('backup')),
      [],
    );
  });

  test('a backup that is told to end, or that was without its hold, fails and leaves nothing', async () => {
    const ended = backup(parts(), AbortSignal.abort(new Error('ended')));
    await assert.rejects(Array.fromAsync(ended), /ended/);
    const lost = backup(parts());
    await lost.next();
    kept.database.run("UPDATE hold SET expires_at = '2020'");
    await assert.rejects(Array.fromAsync(lost), /stood still for too long/);
    assert.equal(kept.database.all('SELECT * FROM hold').length, 0);
    assert.deepEqual(
      readdirSync(kept.directory).filter((name) => name.startsWith('backup')),
      [],
    );
  });

  test('a bad blob is told of when it is backed up, and refused when it is restored', async () => {
    const [layer] = blobsOf(image);
    const { path } = (await kept.hub.store.range(layer!))!;
    const bytes = (await kept.ask('GET', `alice/app/blobs/${layer}`)).body;
    writeFileSync(path, bytes.subarray(1));
    const missing = backup(parts());
    let result = await missing.next();
    while (result.done !== true) result = await missing.next();
    assert.deepEqual(result.value.bad, [layer]);
    const spoilt = Buffer.from(bytes);
    spoilt[3]! ^= 1;
    writeFileSync(path, spoilt);
    const tar = await tarred();
    writeFileSync(path, bytes);
    await assert.rejects(restored(tar), { kind: 'invalid', message: new RegExp(`1 blob .*${layer}`) });
    const directory = emptyFolder();
    assert.deepEqual((await restored(tar, directory, { allowBad: true })).bad, [layer]);
    const { findings } = await lookInto(directory);
    assert.deepEqual(findings, [`blob ${layer}: its file is not there`]);
  });

  test('a directory that has something is left alone', async () => {
    const directory = emptyFolder();
    writeFileSync(join(directory, 'mine'), 'x');
    await assert.rejects(restored(await tarred(), directory), { kind: 'conflict', message: /is not empty/ });
    assert.deepEqual(readdirSync(directory), ['mine']);
  });

  test('what is no backup, or not a whole one, makes no Hub', async () => {
    const tar = await tarred();
    const members: string[] = [];
    for await (const { entry } of readTar(piecesOf(tar))) members.push(entry.name);
    assert.deepEqual(members.slice(0, 2), ['hub.json', 'hub.db']);
    const head = tar.subarray(0, 1024);
    const rest = tar.subarray(1024);
    const stranger = memberOf({ name: 'blobs/sha256/../../../etc/passwd', type: 'file' }, 'x');
    const unknown = memberOf({ name: `blobs/sha256/${digestOf('x').slice(7)}`, type: 'file' }, 'x');
    const link = memberOf({
      name: `blobs/sha256/${digestOf('x').slice(7)}`,
      type: 'symlink',
      linkName: '/etc/passwd',
    });
    const later = memberOf({ name: 'hub.json', type: 'file' }, '{"format":2}\n');
    const end = Buffer.alloc(1024);
    const blobless = tar.length - lengthOfBlobs(tar, kept);
    const wrong: readonly [string, Buffer, RegExp][] = [
      ['nothing', Buffer.alloc(0), /no hub\.json/],
      ['another tar', Buffer.concat([stranger, end]), /no hub\.json/],
      ['text', Buffer.from('hello '.repeat(200)), /./],
      ['another format', Buffer.concat([later, rest]), /format is 2/],
      ['no records', Buffer.concat([head, end]), /no hub\.db/],
      [
        'records that are none',
        Buffer.concat([head, memberOf({ name: 'hub.db', type: 'file' }, 'x'.repeat(9000)), end]),
        /damaged/,
      ],
      [
        'records that are empty',
        Buffer.concat([head, memberOf({ name: 'hub.db', type: 'file' }, ''), end]),
        /damaged/,
      ],
      ['cut in the records', tar.subarray(0, 3000), /./],
      ['cut in a blob', tar.subarray(0, tar.length - 1024 - 700), /./],
      ['no blobs', Buffer.concat([tar.subarray(0, blobless), end]), /lacks/],
      ['a path', Buffer.concat([tar.subarray(0, -1024), stranger, end]), /does not belong/],
      ['a blob too many', Buffer.concat([tar.subarray(0, -1024), unknown, end]), /do not know/],
      ['a symbolic link', Buffer.concat([tar.subarray(0, -1024), link, end]), /does not belong/],
    ];
    for (const [name, bytes, message] of wrong) {
      const directory = emptyFolder();
      await assert.rejects(restored(bytes, directory), message, name);
      assert.deepEqual(readdirSync(directory), [], name);
      // the same directory takes a good one then
      await restored(tar, directory);
      assert.deepEqual((await lookInto(directory)).findings, [], name);
    }
  });

  test('a backup taken while pushes and collections go on is whole', async () => {
    let isOver = false;
    const pushing = (async () => {
      for (let round = 0; !isOver && round < 200; round += 1) {
        await sleep(10);
        await kept.push('alice/going', `v${round}`, imageNamed(`going ${round}`));
        if (round % 2 === 1)
          await kept.ask(
            'DELETE',
            `alice/going/manifests/${digestOf(imageNamed(`going ${round}`).manifest)}`,
          );
      }
    })();
    const collecting = (async () => {
      while (!isOver) {
        await kept.upkeep.collect({ graceSeconds: 1 });
        await sleep(5);
      }
    })();
    try {
      await sleep(500);
      for (let round = 0; round < 2; round += 1) {
        const directory = emptyFolder();
        await restored(Buffer.concat(await slowly(backup(parts()))), directory);
        const { findings, tags, uploads } = await lookInto(directory);
        assert.deepEqual(findings, []);
        assert.ok(tags.includes('alice/going:v0'));
        assert.equal(uploads, 0);
      }
    } finally {
      isOver = true;
      await Promise.all([pushing, collecting]);
    }
    assert.deepEqual(await kept.findings(), []);
  });
});

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** As a slow disk takes it: there is time for what goes on beside. */
async function slowly(tar: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of tar) {
    pieces.push(piece);
    await sleep(2);
  }
  return pieces;
}

/** Bytes of the tar from its first blob on. */
function lengthOfBlobs(tar: Buffer, kept: KeptHub): number {
  const rows = kept.database.all<{ size: number }>('SELECT size FROM blob');
  return (
    rows.reduce((sum, { size }) => sum + 512 + Math.ceil(size / 512) * 512, 0) + (tar.length > 0 ? 1024 : 0)
  );
}
