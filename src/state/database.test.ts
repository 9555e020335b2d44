import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
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
