import assert from 'node:assert/strict';
import test from 'node:test';
import { ioWeightOf, swapAlone, weightOfShares } from './cgroup-values.ts';

const weights: [shares: number, weight: number][] = [
  [2, 1],
  [1024, 100],
  [262144, 10000],
  [1, 1],
  [300000, 10000],
  [512, 59],
  [2048, 174],
];
for (const [shares, weight] of weights) {
  test(`${shares} cpu shares are a weight of ${weight}`, () => assert.equal(weightOfShares(shares), weight));
}

const ioWeights: [blkio: number, weight: number][] = [
  [10, 1],
  [500, 4950],
  [1000, 10000],
];
for (const [blkio, weight] of ioWeights) {
  test(`blkio weight ${blkio} is an io weight of ${weight}`, () => assert.equal(ioWeightOf(blkio), weight));
}

const swaps: [memory: number | undefined, both: number | undefined, want: number | undefined | RegExp][] = [
  [100, 300, 200],
  [100, 100, 0],
  [100, -1, -1],
  [undefined, -1, -1],
  [100, undefined, undefined],
  [-1, undefined, -1],
  [undefined, undefined, undefined],
  [undefined, 300, /unable to set swap limit without memory limit/],
  [100, 50, /memory\+swap limit should be >= memory limit/],
];
for (const [memory, both, want] of swaps) {
  test(`memory ${memory} and memory with swap ${both}`, () => {
    if (want instanceof RegExp)
      assert.throws(() => swapAlone(memory, both), { kind: 'invalid', message: want });
    else assert.equal(swapAlone(memory, both), want);
  });
}
