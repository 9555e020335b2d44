import assert from 'node:assert/strict';
import test from 'node:test';
import { after, type Cause, type Status } from './life.ts';

const lives: [Status, Cause, Status | 'refused'][] = [
  ['created', 'started', 'running'],
  ['created', 'remove', 'removing'],
  ['created', 'exited', 'refused'],
  ['created', 'pause', 'refused'],
  ['running', 'started', 'refused'],
  ['running', 'exited', 'exited'],
  ['running', 'willRetry', 'restarting'],
  ['running', 'pause', 'paused'],
  ['running', 'remove', 'refused'],
  ['paused', 'unpause', 'running'],
  ['paused', 'exited', 'exited'],
  ['paused', 'pause', 'refused'],
  ['paused', 'remove', 'refused'],
  ['restarting', 'started', 'running'],
  ['restarting', 'exited', 'exited'],
  ['restarting', 'remove', 'refused'],
  ['exited', 'started', 'running'],
  ['exited', 'remove', 'removing'],
  ['exited', 'exited', 'refused'],
  ['removing', 'removeFailed', 'dead'],
  ['removing', 'started', 'refused'],
  ['dead', 'remove', 'removing'],
  ['dead', 'started', 'refused'],
];
for (const [from, cause, want] of lives) {
  test(`a container that is ${from}, on ${cause}: ${want}`, () => {
    if (want === 'refused') assert.throws(() => after(from, cause), { kind: 'conflict' });
    else assert.equal(after(from, cause), want);
  });
}
