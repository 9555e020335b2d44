import assert from 'node:assert/strict';
import test from 'node:test';
import { checkTagPatterns, isImmutableTag } from './tag-patterns.ts';

const cases: readonly (readonly [pattern: string, tag: string, isImmutable: boolean])[] = [
  ['1.0', '1.0', true],
  ['1.0', '1.00', false],
  ['1.0', '1x0', false],
  ['*', 'latest', true],
  ['v*', 'v', true],
  ['v*', 'v1.2', true],
  ['v*', 'dev1', false],
  ['*-release', '1-release', true],
  ['*-release', '1-release2', false],
  ['v?.?', 'v1.2', true],
  ['v?.?', 'v1.20', false],
  ['*.*.*', '1.2.3', true],
  ['*.*.*', '1.2', false],
  ['a*b*c', 'aXbXbXc', true],
  ['a**', 'a', true],
  ['V1', 'v1', false],
];
for (const [pattern, tag, is] of cases)
  test(`${pattern} keeps ${tag}: ${is}`, () => assert.equal(isImmutableTag([pattern], tag), is));

test('a pattern of many stars is matched in no time', () => {
  const began = process.cpuUsage().user;
  assert.equal(isImmutableTag(['*a'.repeat(63)], `${'a'.repeat(127)}b`), false);
  assert.ok(process.cpuUsage().user - began < 1_000_000);
});

for (const odd of ['', 'a b', '[a-z]', 'a'.repeat(129), 'é', 'a/b'])
  test(`${JSON.stringify(odd.slice(0, 10))} is no pattern`, () =>
    assert.throws(() => checkTagPatterns([odd]), { kind: 'invalid' }));

test('patterns are few, and each is there once', () => {
  assert.deepEqual(checkTagPatterns(['a', 'b', 'a']), ['a', 'b']);
  assert.throws(() => checkTagPatterns(Array.from({ length: 51 }, (_, i) => `${i}`)), { kind: 'invalid' });
});
