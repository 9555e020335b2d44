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
  ['2024-01-02', '2024-01-02T00:00:00.000Z'],
  ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.000Z'],
];
for (const [text, want] of cases)
  test(`until ${text}`, () => assert.equal(new Date(timeBefore(text, now)).toISOString(), want));

for (const text of ['', 'yesterday', '1 h', '-1h'])
  test(`no time: ${JSON.stringify(text)}`, () =>
    assert.throws(() => timeBefore(text, now), { kind: 'invalid' }));
