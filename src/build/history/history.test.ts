import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { BuildSummary } from '#api/index.ts';
import { Database } from '#state/database.ts';
import { pathsOf } from '#state/paths.ts';
import { BuildHistory } from './history.ts';

const summary = (id: string, startedAt = '2026-01-01T00:00:00Z'): BuildSummary => ({
  ...{ id, name: 'x', startedAt, outcome: 'done', steps: 1, cached: 0 },
});

async function openHistory(): Promise<AsyncDisposable & { readonly history: BuildHistory }> {
  const root = await mkdtemp(join(tmpdir(), 'history-'));
  const database = new Database(':memory:');
  return {
    history: new BuildHistory(database, pathsOf({ dataRoot: root, runRoot: root })),
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
