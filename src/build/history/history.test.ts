import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildEvent, BuildSummary } from '#api/index.ts';
import { Database } from '#state/database.ts';
import { pathsOf } from '#state/paths.ts';
import { BuildHistory } from './history.ts';

const summary = (id: string, startedAt = '2026-01-01T00:00:00Z'): BuildSummary => ({
  ...{ id, name: 'x', startedAt, outcome: 'done', steps: 1, cached: 0 },
});

interface OpenHistory extends AsyncDisposable {
  readonly history: BuildHistory;
  eventsFile(id: string): string;
}

async function openHistory(): Promise<OpenHistory> {
  const root = await mkdtemp(join(tmpdir(), 'history-'));
  const database = new Database(':memory:');
  const paths = pathsOf({ dataRoot: root, runRoot: root });
  return {
    history: new BuildHistory(database, paths),
    eventsFile: (id) => paths.buildFolder('events', id),
    [Symbol.asyncDispose]: async () => {
      database[Symbol.dispose]();
      await rm(root, { recursive: true });
    },
  };
}

test('a build by its id, or its unique beginning', async () => {
  await using opened = await openHistory();
  const { history } = opened;
  for (const id of ['abc', 'abcd', 'xyz']) history.put(summary(id));
  assert.deepEqual(history.get('x'), summary('xyz'));
  assert.deepEqual(history.get('abc'), summary('abc'));
  for (const id of ['ab', 'z', '']) assert.throws(() => history.get(id), { kind: 'notFound' });
});

test('a hundred builds are remembered, the newest', async () => {
  await using opened = await openHistory();
  const { history } = opened;
  const ids = Array.from({ length: 103 }, (_, at) => `build${String(at).padStart(3, '0')}`);
  for (const [at, id] of ids.entries())
    history.put(summary(id, `2026-01-01T00:${String(at).padStart(3, '0')}`));
  await history.trim();
  assert.deepEqual(
    history.list().map(({ id }) => id),
    ids.slice(3).reverse(),
  );
});

test('what a build told is there while it runs, and after its end', async () => {
  await using opened = await openHistory();
  const { history } = opened;
  history.put(summary('abc'));
  const events = () => Array.fromAsync(history.events('abc'));
  assert.deepEqual(await events(), []);
  const log = await history.record('abc');
  const told: BuildEvent[] = [
    { kind: 'started', build: 'abc', at: '2026-01-01T00:00:00Z' },
    { kind: 'progress', id: 0, what: 'going' },
  ];
  for (const event of told) log.add(event);
  for (let tries = 0; tries < 200 && (await events()).length < told.length; tries += 1) await sleep(20);
  assert.deepEqual(await events(), told);
  const finished: BuildEvent = { kind: 'finished', at: '2026-01-01T00:00:01Z', outcome: 'done' };
  log.add(finished);
  await log.close();
  assert.deepEqual(await events(), [...told, finished]);
});

test('of a file that a crash cut short, whole events are read', async () => {
  await using opened = await openHistory();
  const { history } = opened;
  history.put(summary('abc'));
  const log = await history.record('abc');
  const told: BuildEvent[] = Array.from({ length: 5000 }, (_, id) => ({
    kind: 'progress',
    id,
    what: `${Math.sin(id)}`,
  }));
  for (const event of told) log.add(event);
  await log.close();
  const path = opened.eventsFile('abc');
  const { size } = await stat(path);
  for (const length of [size - 1, size >> 1, 3, 0]) {
    await truncate(path, length);
    const read = await Array.fromAsync(history.events('abc'));
    assert.deepEqual(read, told.slice(0, read.length));
  }
});

test('of output without end the beginning is kept, and of all else everything', async () => {
  await using opened = await openHistory();
  const { history } = opened;
  history.put(summary('abc'));
  const log = await history.record('abc');
  const data = Buffer.alloc(3 << 20, 'x').toString('base64');
  for (let times = 0; times < 8; times += 1) log.add({ kind: 'log', id: times % 2, stream: 1, data });
  log.add({ kind: 'finished', at: '2026-01-01T00:00:01Z', outcome: 'done' });
  await log.close();
  const texts = (await Array.fromAsync(history.events('abc'))).map((event) =>
    event.kind === 'log' ? Buffer.from(event.data, 'base64').toString().slice(0, 20) : event.kind,
  );
  const clipped = '\n[output clipped: no';
  assert.deepEqual(texts, [...Array(4).fill('x'.repeat(20)), clipped, clipped, 'finished']);
});
