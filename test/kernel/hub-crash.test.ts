import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyedLock } from '#base/keyed-lock.ts';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import { openDirectoryStore } from '#hub/store/index.ts';
import { collect } from '#hub/upkeep/collect.ts';
import { digestOf } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import { madeImage, noise } from '../fixtures/images.ts';
import { exchange, type Received, type Sent } from '../fixtures/registry-conformance.ts';
import { basicOf, startHubRegistry } from '../fixtures/registry-conformance-hub.ts';

const program = join(import.meta.dirname, '../fixtures/registry-conformance-serve.ts');
const before = madeImage({ layers: [{ kept: noise(300_000, 1) }] });
const image = madeImage({ layers: [{ a: noise(1_500_000, 2) }] });
const blob = image.layers[0]!.blob;

/** A Hub's registry, asked as alice. */
class Served implements AsyncDisposable {
  readonly host: string;
  readonly authorization = basicOf('alice');
  readonly #end: () => Promise<void>;

  constructor(host: string, end: () => Promise<void>) {
    this.host = host;
    this.#end = end;
  }

  /** In this process. */
  static async here(directory: string): Promise<Served> {
    const hub = await startHubRegistry({ directory, users: ['alice'] });
    return new Served(hub.host, async () => hub[Symbol.asyncDispose]());
  }

  ask(sent: Sent): Promise<Received> {
    return exchange(this, sent);
  }

  /** @throws {assert.AssertionError} when it answers otherwise */
  async did(status: number, sent: Sent): Promise<Received> {
    const reply = await this.ask(sent);
    assert.equal(reply.status, status, `${sent.method} ${sent.path}: ${reply.body.toString().slice(0, 300)}`);
    return reply;
  }

  async push(name: string, tag: string, { layers, config, manifest, mediaType } = image): Promise<void> {
    for (const bytes of [...layers.map((layer) => layer.blob), config]) {
      const begun = await this.did(202, { method: 'POST', path: `/v2/${name}/blobs/uploads/`, body: '' });
      const path = begun.headers.location ?? '';
      await this.did(202, { method: 'PATCH', path, body: bytes });
      await this.did(201, { method: 'PUT', path: `${path}?digest=${digestOf(bytes)}`, body: '' });
    }
    const path = `/v2/${name}/manifests/${tag}`;
    await this.did(201, { method: 'PUT', path, headers: { 'content-type': mediaType }, body: manifest });
  }

  async pulls(name: string, tag: string, { layers, config, manifest } = image): Promise<void> {
    const found = await this.did(200, { method: 'GET', path: `/v2/${name}/manifests/${tag}` });
    assert.ok(found.body.equals(manifest), `${name}:${tag}`);
    for (const bytes of [...layers.map((layer) => layer.blob), config]) {
      const { body } = await this.did(200, { method: 'GET', path: `/v2/${name}/blobs/${digestOf(bytes)}` });
      assert.ok(body.equals(bytes), `${name}: ${digestOf(bytes)}`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/** One in a process of its own, to be killed. */
class Victim extends Served {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    super(`127.0.0.1:${port}`, () => this.kill());
    this.#child = child;
  }

  /** @param crashAt where it is killed as by `kill -9` */
  static async start(directory: string, crashAt?: string): Promise<Victim> {
    const env = { ...process.env, ...(crashAt === undefined ? {} : { HOIST_CRASH_AT: crashAt }) };
    const child = spawn(process.execPath, [program, directory, '0', 'alice'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    return new Victim(child, Number(port.toString()));
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }
}

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-crash-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Records and files agree, usage is what is there, and a collection leaves nothing that is nobody's. */
async function assertWhole(directory: string): Promise<void> {
  await using records = openSqliteRecords(join(directory, 'hub.db'));
  const { database } = records;
  const rooms = { records, now: () => new Date() };
  const store = await openDirectoryStore(join(directory, 'store'));
  const recorded = () =>
    database.all<{ digest: string; size: number }>('SELECT digest, size FROM blob ORDER BY digest');
  const files = async () =>
    (await Array.fromAsync(store.list())).sort((a, b) => (a.digest < b.digest ? -1 : 1)) as {
      digest: string;
      size: number;
    }[];
  const present = new Map((await files()).map(({ digest, size }) => [digest, size]));
  for (const { digest, size } of recorded()) assert.equal(present.get(digest), size, `the file of ${digest}`);
  const broken = database.all(
    `SELECT m.target FROM manifest_link m WHERE m.kind <> 'manifest' AND NOT EXISTS
       (SELECT 1 FROM repository_blob l WHERE l.repository_id = m.repository_id AND l.digest = m.target)`,
  );
  assert.deepEqual(broken, []);
  assertUsage(database);
  await sleep(2);
  // an upload that grew since it was last looked at is kept once more
  for (let times = 0; times < 2; times += 1) {
    await collect({ rooms, store, locks: new KeyedLock() }, { graceSeconds: 0 });
    await sleep(2);
  }
  const plain = recorded().map((row) => ({ ...row }));
  assert.deepEqual(await files(), plain, 'files are what records have');
  assert.deepEqual(await readdir(join(directory, 'store/uploads')), []);
  assert.deepEqual(database.all('SELECT id FROM upload'), []);
  assertUsage(database);
}

function assertUsage(database: Database): void {
  const { counted, bytes } = database.get<{ counted: number; bytes: number }>(
    `SELECT (SELECT private_bytes FROM account WHERE name = 'alice') AS counted,
            (SELECT coalesce(sum(size), 0) FROM (
               SELECT b.digest, b.size FROM repository_blob l JOIN blob b ON b.digest = l.digest
               UNION SELECT c.digest, c.size FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest)) AS bytes`,
  )!;
  assert.equal(counted, bytes, 'usage');
}

/** Where a push is killed, and how many bytes of its upload are there after that; undefined: it is no upload any more, or never was. */
const points: readonly (readonly [point: string, resumes: number | undefined])[] = [
  ['registry.upload.recorded', undefined],
  ['store.appended', blob.length],
  ['store.synced', blob.length],
  ['store.renamed', undefined],
  ['registry.blob.stored', undefined],
  ['registry.blob.recorded', undefined],
  ['registry.manifest.recorded', undefined],
];

for (const [point, resumes] of points)
  test(`killed at ${point}: nothing acknowledged is lost, nothing is left`, async (context) => {
    const directory = await folderOf(context);
    {
      await using first = await Served.here(directory);
      await first.push('alice/before', 'v1', before);
    }
    let upload: string | undefined;
    {
      await using victim = await Victim.start(directory, point);
      await assert.rejects(
        async () => {
          const begun = await victim.did(202, {
            method: 'POST',
            path: '/v2/alice/app/blobs/uploads/',
            body: '',
          });
          upload = begun.headers.location ?? '';
          await victim.did(202, { method: 'PATCH', path: upload, body: blob });
          await victim.did(201, { method: 'PUT', path: `${upload}?digest=${digestOf(blob)}`, body: '' });
          await victim.push('alice/app', 'v1');
        },
        { code: 'ECONNRESET' },
      );
      await victim.ended();
    }
    {
      await using again = await Served.here(directory);
      await again.pulls('alice/before', 'v1', before);
      if (upload !== undefined) {
        const status = await again.ask({ method: 'GET', path: upload });
        assert.equal(status.status, resumes === undefined ? 404 : 204);
        if (resumes !== undefined) {
          assert.equal(status.headers.range, `0-${resumes - 1}`);
          await again.did(201, { method: 'PUT', path: `${upload}?digest=${digestOf(blob)}`, body: '' });
        }
      }
      await again.push('alice/app', 'v1');
      await again.pulls('alice/app', 'v1');
    }
    await assertWhole(directory);
    await using last = await Served.here(directory);
    await last.pulls('alice/before', 'v1', before);
    await last.pulls('alice/app', 'v1');
  });

test('killed at a step and never pushed again: collection finds what is left', async (context) => {
  for (const point of ['store.appended', 'store.renamed', 'registry.blob.recorded']) {
    const directory = await folderOf(context);
    await using victim = await Victim.start(directory, point);
    await assert.rejects(victim.push('alice/app', 'v1'));
    await victim.ended();
    await assertWhole(directory);
  }
});

test('killed at any moment, with many pushes under way', async (context) => {
  const directory = await folderOf(context);
  const acknowledged: (readonly [string, typeof image])[] = [];
  for (const round of [0, 1, 2]) {
    await using victim = await Victim.start(directory);
    const first = Promise.withResolvers<void>();
    const pushing = Array.from({ length: 4 }, async (_, index) => {
      for (let count = 0; ; count += 1) {
        const name = `alice/p${round}-${index}`;
        const made = madeImage({ layers: [{ a: noise(50_000, round * 1000 + index * 100 + count) }] });
        await victim.push(name, `v${count}`, made);
        acknowledged.push([`${name}:v${count}`, made]);
        first.resolve();
      }
    });
    const ends = Promise.allSettled(pushing);
    await first.promise;
    await sleep(round * 17);
    await victim.kill();
    assert.ok((await ends).every(({ status }) => status === 'rejected'));
  }
  assert.ok(acknowledged.length > 0);
  await assertWhole(directory);
  await using again = await Served.here(directory);
  for (const [reference, made] of acknowledged) {
    const [name = '', tag = ''] = reference.split(':');
    await again.pulls(name, tag, made);
  }
});
