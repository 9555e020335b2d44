import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerptOf } from './excerpt.ts';

const excerpt = (lines: readonly string[], start: number, end = start): string =>
  excerptOf({ lines }, { start: { line: start, column: 1 }, end: { line: end, column: 1 } });

test('a short file is shown whole', () => {
  assert.equal(
    excerpt(['FROM busybox', '', 'RUN false', ''], 3),
    `Dockerfile:3
--------------------
   1 |     FROM busybox
   2 |     
   3 | >>> RUN false
   4 |     
--------------------
`,
  );
});

const numbered = Array.from({ length: 200 }, (_, index) => `line ${index + 1}`);

const tables: readonly [start: number, end: number, shown: string][] = [
  [1, 1, '>1 2 3'],
  [2, 2, '1 >2 3 4'],
  [100, 100, '98 99 >100 101 102'],
  [200, 200, '198 199 >200'],
  [100, 102, '99 >100 >101 >102 103'],
  [199, 200, '198 >199 >200'],
  [200, 300, '198 199 >200'],
];
for (const [start, end, shown] of tables)
  test(`around lines ${start} to ${end}`, () => {
    const lines = excerpt(numbered, start, end).split('\n').slice(2, -2);
    const short = lines.map((line) => (line.includes('>>>') ? '>' : '') + line.slice(0, 4).trim());
    assert.equal(short.join(' '), shown);
  });

test('a place that is not in the file has none', () => {
  assert.equal(excerpt(['a'], 2), '');
  assert.equal(excerpt([], 1), '');
});

test('has the name of the file', () => {
  const location = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  assert.match(excerptOf({ lines: ['a'] }, location, 'sub/x.Dockerfile'), /^sub\/x\.Dockerfile:1\n/);
});
