import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'node:test';

const importPattern = /(?:^|\n)(import|export)\s(type\s)?[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
const packages = new Set(['preact', 'preact/hooks', 'uqr']);

test('the page imports its own files, the shapes of the API as types, and what it is drawn with', () => {
  const files = globSync('**/*.{ts,tsx}', { cwd: import.meta.dirname }).filter(
    (file) => !file.endsWith('.test.ts') && file !== 'vite.config.ts',
  );
  const others = files.flatMap((file) =>
    [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(importPattern)]
      .filter(([, , type, from, lazily]) => !isAllowed(file, from ?? lazily ?? '', type !== undefined))
      .map(([line]) => `${file}: ${line.trim()}`),
  );
  assert.ok(files.length > 50);
  assert.deepEqual(others, []);
});

function isAllowed(file: string, from: string, isType: boolean): boolean {
  if (!from.startsWith('.')) return packages.has(from);
  const path = normalize(join(dirname(file), from));
  return path.startsWith('..') ? isType && path === '../api/index.ts' : true;
}
