import assert from 'node:assert/strict';
import test from 'node:test';
import type { RestartPolicy } from '#api/index.ts';
import { type ContainerStateRecord, newState } from './record.ts';
import { nextDelay, shouldRestart, shouldStartAtBoot } from './restart-policy.ts';

const always: RestartPolicy = { Name: 'always' };
const unlessStopped: RestartPolicy = { Name: 'unless-stopped' };
const thrice: RestartPolicy = { Name: 'on-failure', MaximumRetryCount: 3 };
const onFailure: RestartPolicy = { Name: 'on-failure' };

const ends: [string, RestartPolicy | undefined, Partial<ContainerStateRecord>, number, boolean][] = [
  ['no policy', undefined, {}, 1, false],
  ['no', { Name: 'no' }, {}, 1, false],
  ['always, success', always, {}, 0, true],
  ['always, stopped by hand', always, { stoppedByHand: true }, 1, false],
  ['unless-stopped', unlessStopped, {}, 0, true],
  ['on-failure, success', onFailure, {}, 0, false],
  ['on-failure, failure', onFailure, { restartCount: 100 }, 1, true],
  ['on-failure:3, third time', thrice, { restartCount: 2 }, 1, true],
  ['on-failure:3, fourth time', thrice, { restartCount: 3 }, 1, false],
];
for (const [name, policy, state, exitCode, want] of ends)
  test(`starts again: ${name}: ${want}`, () => {
    assert.equal(shouldRestart(policy, { ...newState, ...state }, exitCode), want);
  });

const boots: [string, RestartPolicy | undefined, Partial<ContainerStateRecord>, boolean][] = [
  ['always, never started', always, { status: 'created' }, false],
  ['always, stopped by hand', always, { status: 'exited', stoppedByHand: true }, true],
  ['unless-stopped, stopped by hand', unlessStopped, { status: 'exited', stoppedByHand: true }, false],
  ['unless-stopped', unlessStopped, { status: 'exited' }, true],
  ['on-failure, lost', onFailure, { status: 'exited', exitCode: 255 }, true],
  ['no policy', undefined, { status: 'exited', exitCode: 255 }, false],
];
for (const [name, policy, state, want] of boots)
  test(`the boot starts: ${name}: ${want}`, () => {
    assert.equal(shouldStartAtBoot(policy, { ...newState, ...state }), want);
  });

test('the delay doubles up to a minute, and is short again after a good run', () => {
  const delays = [undefined, 100, 200, 51_200].map((before) => nextDelay(before, 5));
  assert.deepEqual(delays, [100, 200, 400, 60_000]);
  assert.equal(nextDelay(60_000, 10_000), 100);
});
