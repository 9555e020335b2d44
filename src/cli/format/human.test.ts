import assert from 'node:assert/strict';
import test from 'node:test';
import { binarySize, ellipsis, goTime, humanDuration, humanSize, parseBytes, shortId } from './human.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const durations: [number, string][] = [
  [0, 'Less than a second'],
  [999, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [minute, 'About a minute'],
  [119 * second, 'About a minute'],
  [2 * minute, '2 minutes'],
  [59.9 * minute, '59 minutes'],
  [hour, 'About an hour'],
  [89 * minute, 'About an hour'],
  [90 * minute, '2 hours'],
  [47 * hour, '47 hours'],
  [2 * day, '2 days'],
  [13 * day, '13 days'],
  [14 * day, '2 weeks'],
  [59 * day, '8 weeks'],
  [60 * day, '2 months'],
  [729 * day, '24 months'],
  [730 * day, '2 years'],
  [5000 * day, '13 years'],
];
for (const [milliseconds, words] of durations) {
  test(`${milliseconds} ms is "${words}"`, () => assert.equal(humanDuration(milliseconds), words));
}

const sizes: [number, string, string, string][] = [
  [0, '0B', '0B', '0B'],
  [1, '1B', '1B', '1B'],
  [999, '999B', '999B', '999B'],
  [1000, '1kB', '1kB', '1000B'],
  [1024, '1.024kB', '1.02kB', '1KiB'],
  [1_982_464, '1.982MB', '1.98MB', '1.891MiB'],
  [25_276_854_272, '25.28GB', '25.3GB', '23.54GiB'],
  [999_999, '1000kB', '1e+03kB', '976.6KiB'],
  [123_456_789_012_345, '123.5TB', '123TB', '112.3TiB'],
];
for (const [bytes, four, three, binary] of sizes) {
  test(`${bytes} bytes`, () =>
    assert.deepEqual([humanSize(bytes), humanSize(bytes, 3), binarySize(bytes)], [four, three, binary]));
}

const read: [string, number][] = [
  ['0', 0],
  ['32', 32],
  ['32b', 32],
  ['32B', 32],
  ['32k', 32768],
  ['32K', 32768],
  ['32kb', 32768],
  ['32KiB', 32768],
  ['1.5m', 1572864],
  ['2g', 2147483648],
  ['1 t', 1099511627776],
  ['.5k', 512],
];
for (const [text, bytes] of read)
  test(`"${text}" is ${bytes} bytes`, () => assert.equal(parseBytes(text), bytes));
for (const text of ['', 'x', '-1', '1x', '1kk', '1.2.3', '1,5k', 'k']) {
  test(`"${text}" is no size`, () =>
    assert.throws(() => parseBytes(text), new Error(`invalid size: '${text}'`)));
}

test('an ellipsis takes the last place', () => {
  assert.equal(ellipsis('sh -c "sleep 1000"', 10), 'sh -c "sl…');
  assert.equal(ellipsis('short', 5), 'short');
  assert.equal(ellipsis('ünïcödé text', 5), 'ünïc…');
});

test('ids and times', () => {
  assert.equal(shortId(`sha256:${'ab'.repeat(32)}`), 'abababababab');
  assert.match(goTime(new Date(0)), /^19(70-01-01|69-12-31) \d\d:\d\d:00 [+-]\d{4} \S+$/);
});
