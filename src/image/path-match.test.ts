import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathMatches } from './path-match.ts';

const cases: [pattern: string, text: string, want: boolean][] = [
  ['busybox', 'busybox', true],
  ['busy*', 'busybox', true],
  ['busy*', 'busybox:latest', true],
  ['*', 'a/b', false],
  ['*/*', 'a/b', true],
  ['b?sybox', 'busybox', true],
  ['a?b', 'a/b', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['[^a-c]x', 'dx', true],
  ['a\\*', 'a*', true],
  ['a.c', 'abc', false],
  ['(a|b)', 'a', false],
  ['*:1.*', 'app:1.2', true],
];
for (const [pattern, text, want] of cases)
  test(`${pattern} ${want ? 'matches' : 'does not match'} ${text}`, () =>
    assert.equal(pathMatches(pattern, text), want));

for (const pattern of ['[a', 'a\\', '[z-a]'])
  test(`no pattern: ${pattern}`, () => assert.throws(() => pathMatches(pattern, 'a'), { kind: 'invalid' }));

test('a hostile pattern takes no time', () => {
  const started = performance.now();
  pathMatches(`${'*'.repeat(2000)}x`, 'a'.repeat(2000));
  assert.ok(performance.now() - started < 500);
});
