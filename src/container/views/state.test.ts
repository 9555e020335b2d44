import assert from 'node:assert/strict';
import test from 'node:test';
import { newState } from '../record.ts';
import { humanDuration, statusText } from './state.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const spans: [number, string][] = [
  [0, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [minute, 'About a minute'],
  [2 * minute, '2 minutes'],
  [hour, 'About an hour'],
  [2 * hour, '2 hours'],
  [47 * hour, '47 hours'],
  [3 * day, '3 days'],
  [15 * day, '2 weeks'],
  [70 * day, '2 months'],
  [800 * day, '2 years'],
];
for (const [span, want] of spans) test(`${span} ms: ${want}`, () => assert.equal(humanDuration(span), want));

const at = '2026-01-01T00:00:00.000Z';
const now = Date.parse(at) + 5 * minute;
test('status for people', () => {
  assert.equal(statusText({ ...newState, status: 'running', startedAt: at }, now), 'Up 5 minutes');
  assert.equal(statusText({ ...newState, status: 'paused', startedAt: at }, now), 'Up 5 minutes (Paused)');
  assert.equal(
    statusText({ ...newState, status: 'exited', finishedAt: at, exitCode: 3 }, now),
    'Exited (3) 5 minutes ago',
  );
  assert.equal(statusText(newState, now), 'Created');
});
