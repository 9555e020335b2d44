import assert from 'node:assert/strict';
import test from 'node:test';
import { searched } from './search-words.ts';

const cases: readonly (readonly [typed: string, name: string, ...words: string[]])[] = [
  ['', ''],
  [' \n', ''],
  ['nginx', 'nginx', 'nginx'],
  [' Ann/NGÏ-nx  ', 'ann/ngi-nx', 'ann', 'ngi', 'nx'],
  ['two two TWO one', 'two two two one', 'two', 'one'],
  ['a web b', 'a web b', 'web'],
  ['a b c', 'a b c', 'a', 'b'],
  ['one two three four five six', 'one two three four five six', 'one', 'two', 'three', 'four', 'five'],
  ['"*()-^', '"*()-^'],
  ['\ue002ann', '\ue002ann', 'ann'],
  ['x\u19b0x', 'x\u19b0x', 'x'],
];
for (const [typed, name, ...words] of cases)
  test(`${JSON.stringify(typed)} is ${words.join(', ') || 'nothing'}`, () =>
    assert.deepEqual(searched(typed), { name, words }));

test('what is long is cut off', () => {
  const { name, words } = searched(`${'a'.repeat(199)}bc`);
  assert.deepEqual([name, words], [`${'a'.repeat(199)}b`, [`${'a'.repeat(199)}b`]]);
});
