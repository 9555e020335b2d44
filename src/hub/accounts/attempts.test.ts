import assert from 'node:assert/strict';
import test from 'node:test';
import { type Attempt, Attempts, TooManyAttempts } from './attempts.ts';

const minute = 60_000;

function withClock() {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const attempts = new Attempts(() => new Date(time));
  /** Seconds to wait, 0 for an attempt that was let through and failed. */
  const fail = (begin: () => Attempt): number => {
    try {
      begin().failed();
      return 0;
    } catch (error) {
      assert.ok(error instanceof TooManyAttempts);
      return error.retryAfterSeconds;
    }
  };
  return { attempts, fail, pass: (milliseconds: number) => (time += milliseconds) };
}

test('five are free, then each failure makes the next wait longer, to a quarter of an hour', () => {
  const { attempts, fail, pass } = withClock();
  const guess = () => fail(() => attempts.password('ann', '192.0.2.1'));
  for (let turn = 0; turn < 5; turn += 1) assert.equal(guess(), 0);
  const waits: number[] = [];
  for (let turn = 0; turn < 13; turn += 1) {
    const wait = guess();
    waits.push(wait);
    pass(wait * 1000);
    assert.equal(guess(), 0, 'after the wait it is looked at');
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  pass(61 * minute);
  for (let turn = 0; turn < 5; turn += 1) assert.equal(guess(), 0, 'forgotten in an hour');
});

test('a right password makes up for the wrong ones before it', () => {
  const { attempts, fail } = withClock();
  for (let round = 0; round < 5; round += 1) {
    for (let turn = 0; turn < 4; turn += 1)
      assert.equal(
        fail(() => attempts.password('ann', '192.0.2.1')),
        0,
      );
    attempts.password('ann', '192.0.2.1').succeeded();
  }
});

test('one network goes slowly whosever passwords it guesses; IPv6 by its /64', () => {
  const { attempts, fail } = withClock();
  for (let turn = 0; turn < 50; turn += 1)
    assert.equal(
      fail(() => attempts.password(`user${turn}`, `2001:db8::${turn.toString(16)}`)),
      0,
    );
  assert.equal(
    fail(() => attempts.password('another', '2001:db8::ffff')),
    1,
  );
  assert.equal(
    fail(() => attempts.password('another', '2001:db8:0:1::1')),
    0,
  );
});

test('an account guessed at from everywhere waits little for its owner, and not at all where it was known', () => {
  const { attempts, fail, pass } = withClock();
  attempts.password('ann', '203.0.113.1').succeeded();
  for (let turn = 0; turn < 60; turn += 1) {
    fail(() => attempts.password('ann', `198.51.100.${turn}`));
    pass(31_000);
  }
  fail(() => attempts.password('ann', '198.51.100.200'));
  const wait = fail(() => attempts.password('ann', '192.0.2.9'));
  assert.ok(wait > 0 && wait <= 30, String(wait));
  assert.equal(
    fail(() => attempts.password('ann', '203.0.113.1')),
    0,
  );
});

test('many at once are no more than many in turn', () => {
  const { attempts } = withClock();
  const open = Array.from({ length: 5 }, () => attempts.password('ann', '192.0.2.1'));
  assert.throws(() => attempts.password('ann', '192.0.2.1'), TooManyAttempts);
  for (const attempt of open) attempt.dropped();
  for (const attempt of open) attempt.failed();
  attempts.password('ann', '192.0.2.1').dropped();
});

test('memory is bounded', () => {
  const { attempts, fail } = withClock();
  const before = process.memoryUsage().heapUsed;
  for (let turn = 0; turn < 150_000; turn += 1)
    fail(() => attempts.password(`u${turn}`, `10.${turn >> 16}.${(turn >> 8) & 255}.${turn & 255}`));
  assert.ok(process.memoryUsage().heapUsed - before < 80 << 20);
});
