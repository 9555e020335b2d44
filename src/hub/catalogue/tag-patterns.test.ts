import assert from 'node:assert/strict';
import test from 'node:test';
import { checkTagPatterns } from './tag-patterns.ts';

for (const odd of ['', 'a b', '[a-z]', 'a'.repeat(129), 'é', 'a/b'])
  test(`${JSON.stringify(odd.slice(0, 10))} is no pattern`, () =>
    assert.throws(() => checkTagPatterns([odd]), { kind: 'invalid' }));

test('patterns are few, and each is there once', () => {
  assert.deepEqual(checkTagPatterns(['a', 'b', 'a']), ['a', 'b']);
  assert.throws(() => checkTagPatterns(Array.from({ length: 51 }, (_, i) => `${i}`)), { kind: 'invalid' });
});
