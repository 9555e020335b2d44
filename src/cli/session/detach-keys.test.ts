import assert from 'node:assert/strict';
import test from 'node:test';
import { DetachKeys, parseDetachKeys } from './detach-keys.ts';

test('sequences', () => {
  assert.deepEqual(parseDetachKeys('ctrl-p,ctrl-q'), [16, 17]);
  assert.deepEqual(parseDetachKeys('a,ctrl-@,ctrl-[,ctrl-_'), [97, 0, 27, 31]);
  assert.throws(() => parseDetachKeys('ctrl-1'), { message: "Unknown character: 'ctrl-1'" });
});

const typed: [string, string[], string, boolean][] = [
  ['nothing of it', ['abc'], 'abc', false],
  ['all at once', ['a\x10\x11b'], 'a', true],
  ['in two pieces', ['a\x10', '\x11'], 'a', true],
  ['the first key alone', ['\x10', 'x'], '\x10x', false],
  ['the first key twice', ['\x10\x10\x11'], '\x10', true],
  ['the second alone', ['\x11'], '\x11', false],
];
for (const [name, pieces, through, detached] of typed) {
  test(`detach keys: ${name}`, () => {
    const keys = new DetachKeys([16, 17]);
    const results = pieces.map((piece) => keys.push(new TextEncoder().encode(piece)));
    assert.equal(results.map((each) => new TextDecoder().decode(each.through)).join(''), through);
    assert.equal(
      results.some((each) => each.detached),
      detached,
    );
  });
}
