import assert from 'node:assert/strict';
import test from 'node:test';
import { readWhole } from './read-whole.ts';

const tooLong = () => new RangeError('too long');

test('what is as long as allowed is read whole, whatever it comes in', async () => {
  for (const pieces of [[], ['four'], ['fo', '', 'ur']]) {
    async function* stream() {
      for (const piece of pieces) yield Buffer.from(piece);
    }
    assert.equal((await readWhole(stream(), 4, tooLong)).toString(), pieces.join(''));
  }
});

test('what is longer is left, and no more of it is asked for', async () => {
  let asked = 0;
  let isLeft = false;
  async function* endless() {
    try {
      for (;;) {
        asked += 1;
        yield Buffer.from('abc');
      }
    } finally {
      isLeft = true;
    }
  }
  await assert.rejects(readWhole(endless(), 8, tooLong), RangeError);
  assert.deepEqual([asked, isLeft], [3, true]);
});
