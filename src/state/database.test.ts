import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { Database } from './database.ts';

test('a transaction is all or nothing, nested too', () => {
  using database = new Database(':memory:');
  const set = (name: string) => database.run('INSERT INTO meta VALUES (?, ?)', name, 'x');
  assert.throws(() =>
    database.transaction(() => {
      set('a');
      database.transaction(() => set('b'));
      throw new Error('no');
    }),
  );
  assert.deepEqual(database.all('SELECT name FROM meta'), []);
  database.transaction(() => database.transaction(() => set('c')));
  assert.equal(database.get<{ name: string }>('SELECT name FROM meta')?.name, 'c');
});

test('records outlive the database object; a newer database is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  const path = join(folder, 'hoist.db');
  {
    using database = new Database(path);
    database.run("INSERT INTO meta VALUES ('k', 'v')");
  }
  {
    using database = new Database(path);
    assert.equal(database.get<{ value: string }>("SELECT value FROM meta WHERE name = 'k'")?.value, 'v');
    database.run('PRAGMA user_version = 999');
  }
  assert.throws(() => new Database(path), /newer than this program/);
  rmSync(folder, { recursive: true });
});

test('many open a new file at once: its tables are made once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  const path = join(folder, 'hoist.db');
  const source = `
    const { Database } = await import(${JSON.stringify(import.meta.resolve('./database.ts'))});
    using database = new Database(${JSON.stringify(path)});
    database.run('INSERT INTO meta VALUES (?, ?)', process.argv.at(-1), '');
  `;
  const ended = Array.from({ length: 6 }, async (_, index) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      argv: [`${index}`],
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.once('error', reject);
    worker.once('exit', () => resolve());
    await promise;
  });
  await Promise.all(ended);
  {
    using database = new Database(path);
    assert.equal(database.all('SELECT name FROM meta').length, 6);
  }
  rmSync(folder, { recursive: true });
});
