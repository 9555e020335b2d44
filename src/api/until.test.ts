import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeBefore } from './until.ts';

const now = new Date('2024-05-06T12:00:00Z');
const cases: [text: string, want: string][] = [
  ['1h', '2024-05-06T11:00:00.000Z'],
  ['1h30m', '2024-05-06T10:30:00.000Z'],
  ['1.5h', '2024-05-06T10:30:00.000Z'],
  ['500ms', '2024-05-06T11:59:59.500Z'],
  ['0', '1970-01-01T00:00:00.000Z'],
  ['1700000000', '2023-11-14T22:13:20.000Z'],
  ['-1h', '2024-05-06T13:00:00.000Z'],
  ['+1h', '2024-05-06T11:00:00.000Z'],
  ['.5h', '2024-05-06T11:30:00.000Z'],
  ['1700000000.5', '2023-11-14T22:13:20.500Z'],
  ['2024-01-02', new Date('2024-01-02T00:00:00').toISOString()],
  ['2024-01-02Z', '2024-01-02T00:00:00.000Z'],
  ['2024-01-02+02:00', '2024-01-01T22:00:00.000Z'],
  ['2024-01-02T03', new Date('2024-01-02T03:00:00').toISOString()],
  ['2024-01-02T03:04', new Date('2024-01-02T03:04:00').toISOString()],
  ['2024-01-02T03:04:05', new Date('2024-01-02T03:04:05').toISOString()],
  ['2024-01-02T03Z', '2024-01-02T03:00:00.000Z'],
  ['2024-01-02T03:04:05.25-01:30', '2024-01-02T04:34:05.250Z'],
  ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.000Z'],
];
for (const [text, want] of cases)
  test(`until ${text}`, () => assert.equal(new Date(timeBefore(text, now)).toISOString(), want));

for (const text of [
  '',
  'yesterday',
  '1 h',
  '.h',
  '5d',
  'x 1',
  'May 5',
  '2024-13-01',
  '2024-01-02T',
  '2024-1-2',
])
  test(`no time: ${JSON.stringify(text)}`, () =>
    assert.throws(() => timeBefore(text, now), { kind: 'invalid' }));

test('a long text that is no time is soon refused', { timeout: 1000 }, () => {
  for (const digit of ['1', '1.', '1h', '-', '2024-'])
    assert.throws(() => timeBefore(`${digit.repeat(200_000)}!`, now), { kind: 'invalid' });
});
