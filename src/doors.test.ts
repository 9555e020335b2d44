import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'node:test';
import { doors, type Room } from './doors.ts';

const source = import.meta.dirname;
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

/** Every import of one room by another that the sources hold, as `room → room (file)`. */
function openDoors(): { from: string; to: string; file: string }[] {
  return globSync('**/*.ts', { cwd: source }).flatMap((file) =>
    importsOf(file)
      .map((specifier) => pathOf(file, specifier)?.split('/')[0])
      .filter((to) => to !== undefined)
      .map((to) => ({ from: file.split('/')[0]!, to, file })),
  );
}

const importsOf = (file: string): readonly string[] =>
  [...textOf(file).matchAll(importPattern)].map((found) => found[1] ?? found[2] ?? found[3] ?? '');

/** In `src`; undefined for what comes from elsewhere. */
function pathOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  return undefined;
}

const textOf = (file: string): string => readFileSync(join(source, file), 'utf8');

test('every import goes through a door of the plan', () => {
  const shut = openDoors().filter(({ from, to, file }) => {
    if (from === to || !(from in doors)) return false;
    if (to === '..' && file.endsWith('.test.ts')) return false; // the fixtures in test/
    return !(doors[from as Room] as readonly string[]).includes(to);
  });
  assert.deepEqual(shut, []);
});

test('every folder of src is a room of the plan', () => {
  const folders = new Set(globSync('*/**/*.ts', { cwd: source }).map((file) => file.split('/')[0]!));
  assert.deepEqual(
    [...folders].filter((folder) => !(folder in doors)),
    [],
  );
});

test('doors open downwards only', () => {
  const order = Object.keys(doors);
  for (const [room, below] of Object.entries(doors)) {
    for (const other of below) assert.ok(order.indexOf(other) < order.indexOf(room), `${room} → ${other}`);
  }
});

const sqlRoom = 'hub/records/sqlite/';
/** The Hub's files but for those of its one room of SQL; tests may look at rows. */
const hubFiles = globSync('hub/**/*.{ts,tsx}', { cwd: source }).filter(
  (file) => !file.startsWith(sqlRoom) && !file.endsWith('.test.ts'),
);

test('of the Hub only the room of SQL imports a database', () => {
  const isDatabase = (file: string) => (specifier: string) =>
    specifier === 'node:sqlite' || pathOf(file, specifier) === 'state/database.ts';
  assert.deepEqual(
    hubFiles.filter((file) => importsOf(file).some(isDatabase(file))),
    [],
  );
});

test('of the Hub only what opens records imports the room of SQL', () => {
  const openers = /^hub\/(?:hub|program\/.*)\.ts$/;
  const importers = hubFiles.filter((file) =>
    importsOf(file).some((specifier) => pathOf(file, specifier)?.startsWith(sqlRoom)),
  );
  assert.deepEqual(
    importers.filter((file) => !openers.test(file)),
    [],
  );
});

const statement =
  /\bSELECT\b[^;]*?\bFROM\b|\b(?:INSERT(?:\s+OR\s+\w+)?|REPLACE)\s+INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b/;
const comment = /^\s*(?:\/\/|\/?\*).*$/gm;

test('of the Hub only the room of SQL has statements of SQL', () => {
  const told = [
    "get('SELECT 1 FROM tag')",
    '`SELECT name,\n FROM tag`',
    "run('INSERT OR IGNORE INTO tag VALUES (?)')",
    '`UPDATE tag SET at = ?`',
    "run('DELETE FROM tag')",
  ];
  assert.deepEqual(
    told.filter((text) => !statement.test(text)),
    [],
  );
  assert.deepEqual(
    hubFiles.filter((file) => statement.test(textOf(file).replace(comment, ''))),
    [],
  );
});
