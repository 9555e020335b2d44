import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { progressOf } from './progress.ts';
import { Slots } from './slots.ts';
import { Transfers } from './transfers.ts';

const layer = digestOf('layer');
const quiet = () => undefined;
const turn = () => new Promise(setImmediate);

/** A transfer that ends when told to, or when it is aborted. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { starts: 0, aborted: 0, finish: resolve };
  const start = async (_: unknown, signal: AbortSignal) => {
    state.starts += 1;
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => {
      state.aborted += 1;
      reject(signal.reason);
    });
    await Promise.race([promise, stopped]);
  };
  return { state, start };
}

test('who wants the same layer shares one transfer, and it goes on when one leaves', async () => {
  const transfers = new Transfers();
  const { state, start } = work();
  const leaving = new AbortController();
  const first = transfers.join(layer, { report: quiet, signal: leaving.signal }, start);
  const second = transfers.join(layer, { report: quiet, signal: new AbortController().signal }, start);
  await turn();
  leaving.abort();
  await assert.rejects(first, { name: 'AbortError' });
  assert.deepEqual([state.starts, state.aborted], [1, 0]);
  state.finish();
  await second;
});

test('the last to leave ends it, and who comes then begins anew', async () => {
  const transfers = new Transfers();
  const { state, start } = work();
  const leaving = new AbortController();
  const first = transfers.join(layer, { report: quiet, signal: leaving.signal }, start);
  await turn();
  leaving.abort();
  await assert.rejects(first);
  const again = transfers.join(layer, { report: quiet, signal: new AbortController().signal }, start);
  state.finish();
  await again;
  assert.deepEqual([state.starts, state.aborted], [2, 1]);
});

test('slots are given in turn, and one who stops waiting is passed over', async () => {
  const slots = new Slots(1);
  const { signal } = new AbortController();
  const held = await slots.acquire(signal);
  const leaving = new AbortController();
  const order: number[] = [];
  const second = slots.acquire(leaving.signal);
  const third = slots.acquire(signal).then((slot) => {
    order.push(3);
    slot[Symbol.dispose]();
    slot[Symbol.dispose]();
  });
  leaving.abort();
  await assert.rejects(second);
  held[Symbol.dispose]();
  await third;
  using _one = await slots.acquire(signal);
  assert.deepEqual(order, [3]);
});

test('a slow reader misses steps of a bar, never a fact', async () => {
  const stream = progressOf(async (report) => {
    report({ status: 'Pulling' });
    for (let current = 1; current <= 100; current += 1)
      report({ id: 'a', status: 'Downloading', progressDetail: { current } });
    report({ id: 'a', status: 'Done' });
  }, undefined);
  const seen = await Array.fromAsync(stream);
  assert.deepEqual(seen, [
    { status: 'Pulling' },
    { id: 'a', status: 'Downloading', progressDetail: { current: 100 } },
    { id: 'a', status: 'Done' },
  ]);
});

test('leaving the iteration aborts the work and waits for it', async () => {
  let cleaned = false;
  const stream = progressOf(async (report, signal) => {
    report({ status: 'one' });
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await turn();
    cleaned = true;
  }, undefined);
  for await (const _ of stream) break;
  assert.equal(cleaned, true);
});

test('a failure comes after what was reported', async () => {
  const stream = progressOf(async (report) => {
    report({ status: 'one' });
    throw new Error('broken');
  }, undefined);
  const seen: unknown[] = [];
  await assert.rejects(async () => {
    for await (const { status } of stream) seen.push(status);
  }, /broken/);
  assert.deepEqual(seen, ['one']);
});
