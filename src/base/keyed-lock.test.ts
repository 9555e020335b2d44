import assert from 'node:assert/strict';
import test from 'node:test';
import { KeyedLock } from './keyed-lock.ts';

test('holders of one key go in turn, in the order they came', async () => {
  const locks = new KeyedLock();
  const order: number[] = [];
  await Promise.all(
    [1, 2, 3].map(async (n) => {
      using _held = await locks.acquire('web');
      order.push(n);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(-n);
    }),
  );
  assert.deepEqual(order, [1, -1, 2, -2, 3, -3]);
});

test('holders of different keys do not wait for one another', async () => {
  const locks = new KeyedLock();
  using _web = await locks.acquire('web');
  using _db = await locks.acquire('db');
  assert.equal(locks.isHeld('web') && locks.isHeld('db'), true);
});

test('a waiter that gives up lets the next one in', async () => {
  const locks = new KeyedLock();
  const first = await locks.acquire('web');
  const impatient = new AbortController();
  const second = locks.acquire('web', impatient.signal);
  const third = locks.acquire('web');
  impatient.abort(new Error('enough'));
  await assert.rejects(second, /enough/);
  first[Symbol.dispose]();
  using _held = await third;
});

test('a released key costs nothing, and releasing twice is harmless', async () => {
  const locks = new KeyedLock();
  const held = await locks.acquire('web');
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(locks.isHeld('web'), false);
});
