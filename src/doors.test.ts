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
    [...readFileSync(join(source, file), 'utf8').matchAll(importPattern)]
      .map((found) => roomOf(file, found[1] ?? found[2] ?? found[3] ?? ''))
      .filter((to) => to !== undefined)
      .map((to) => ({ from: file.split('/')[0]!, to, file })),
  );
}

function roomOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1).split('/')[0];
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier)).split('/')[0];
  return undefined;
}

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
