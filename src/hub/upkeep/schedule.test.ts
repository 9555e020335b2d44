import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, silentLog } from '#base/log.ts';
import { schedule } from './schedule.ts';

const often = { everySeconds: 0.01, afterSeconds: 0.01 };

test('a task comes again and again, one time after the other, until it is ended', async () => {
  let [times, atOnce, most] = [0, 0, 0];
  const run = async () => {
    times += 1;
    atOnce += 1;
    most = Math.max(most, atOnce);
    await sleep(15);
    atOnce -= 1;
  };
  const running = schedule([{ name: 'x', ...often, run }], silentLog);
  while (times < 4) await sleep(5);
  await running[Symbol.asyncDispose]();
  assert.deepEqual([most, atOnce], [1, 0]);
  const before = times;
  await sleep(50);
  assert.equal(times, before);
});

test('one that fails is told of, and comes again', async () => {
  const lines: string[] = [];
  let times = 0;
  const run = async () => {
    times += 1;
    throw new Error('no disk');
  };
  const log = createLog({ level: 'error', write: (line) => lines.push(line) });
  const running = schedule([{ name: 'scrub', ...often, run }], log);
  while (times < 2) await sleep(5);
  await running[Symbol.asyncDispose]();
  assert.match(lines[0]!, /msg="upkeep failed" task=scrub error="no disk"/);
});

test('an end aborts the one that runs, waits for it, and has no complaint', async () => {
  const lines: string[] = [];
  let state = 'waiting';
  const run = async (signal: AbortSignal) => {
    state = 'running';
    await sleep(10_000, undefined, { signal }).finally(() => {
      state = 'ended';
    });
  };
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) });
  const running = schedule([{ name: 'x', ...often, run }], log);
  while (state !== 'running') await sleep(5);
  await running[Symbol.asyncDispose]();
  assert.equal(state, 'ended');
  assert.deepEqual(lines, []);
});
