import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AttemptRecords } from '../records/index.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';
import { type Attempt, Attempts, TooManyAttempts } from './attempts.ts';

const minute = 60_000;

function withClock() {
  let time = Date.parse('2026-01-01T00:00:00Z');
  return { now: () => new Date(time), pass: (milliseconds: number) => (time += milliseconds) };
}

function opened() {
  const { now, pass } = withClock();
  const { attempts: records } = openSqliteRecords(':memory:', { now });
  return { attempts: new Attempts(records, now), records, pass };
}

/** Seconds to wait, 0 for an attempt that was let through and failed. */
async function fail(begin: () => Promise<Attempt>): Promise<number> {
  try {
    await (await begin()).failed();
    return 0;
  } catch (error) {
    if (!(error instanceof TooManyAttempts)) throw error;
    return error.retryAfterSeconds;
  }
}

test('five are free, then each failure makes the next wait longer, to a quarter of an hour', async () => {
  const { attempts, pass } = opened();
  const guess = () => fail(() => attempts.password('ann', '192.0.2.1'));
  for (let turn = 0; turn < 5; turn += 1) assert.equal(await guess(), 0);
  const waits: number[] = [];
  for (let turn = 0; turn < 13; turn += 1) {
    const wait = await guess();
    waits.push(wait);
    pass(wait * 1000);
    assert.equal(await guess(), 0, 'after the wait it is looked at');
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  pass(61 * minute);
  for (let turn = 0; turn < 5; turn += 1) assert.equal(await guess(), 0, 'forgotten in an hour');
});

test('a right password makes up for the wrong ones before it', async () => {
  const { attempts } = opened();
  const guess = () => attempts.password('ann', '192.0.2.1');
  for (let round = 0; round < 5; round += 1) {
    for (let turn = 0; turn < 4; turn += 1) assert.equal(await fail(guess), 0);
    await (await guess()).succeeded();
  }
});

test('also for those that were wrong while it was looked at', async () => {
  const { attempts } = opened();
  const guess = () => attempts.password('ann', '192.0.2.1');
  const right = await guess();
  for (let turn = 0; turn < 4; turn += 1) assert.equal(await fail(guess), 0);
  await right.succeeded();
  for (let turn = 0; turn < 5; turn += 1) assert.equal(await fail(guess), 0);
  assert.equal(await fail(guess), 1);
});

test('a right code makes up for the wrong ones of its account, not for those from its network', async () => {
  const { attempts } = opened();
  const codeFrom = (address: string) => () => attempts.secondFactor('ann', address);
  for (let turn = 0; turn < 10; turn += 1) assert.equal(await fail(codeFrom(`192.0.2.${turn >> 1}`)), 0);
  assert.equal(await fail(codeFrom('192.0.2.9')), 1);
  const { attempts: again } = opened();
  for (let turn = 0; turn < 4; turn += 1)
    assert.equal(await fail(() => again.secondFactor('ann', '192.0.2.1')), 0);
  for (let turn = 0; turn < 5; turn += 1)
    assert.equal(await fail(() => again.secondFactor('ann', `192.0.2.${turn + 2}`)), 0);
  await (await again.secondFactor('ann', '192.0.2.1')).succeeded();
  assert.equal(await fail(() => again.secondFactor('ann', '192.0.2.1')), 0);
  assert.equal(await fail(() => again.secondFactor('ann', '192.0.2.1')), 1);
  assert.equal(await fail(() => again.secondFactor('ann', '192.0.2.9')), 0);
});

test('one network goes slowly whosever passwords it guesses; IPv6 by its /64', async () => {
  const { attempts } = opened();
  for (let turn = 0; turn < 50; turn += 1)
    assert.equal(await fail(() => attempts.password(`user${turn}`, `2001:db8::${turn.toString(16)}`)), 0);
  assert.equal(await fail(() => attempts.password('another', '2001:db8::ffff')), 1);
  assert.equal(await fail(() => attempts.password('another', '2001:db8:0:1::1')), 0);
});

test('so it does with secrets that are no one’s by name, and with new accounts, of which each counts', async () => {
  const { attempts, pass } = opened();
  const wrong = (address: string) => fail(() => attempts.secret(address));
  for (let turn = 0; turn < 50; turn += 1) assert.equal(await wrong('192.0.2.1'), 0);
  assert.deepEqual([await wrong('192.0.2.1'), await wrong('192.0.2.2')], [1, 0]);
  const signUp = () => fail(() => attempts.signUp('192.0.2.1'));
  for (let turn = 0; turn < 20; turn += 1) assert.equal(await signUp(), 0);
  assert.equal(await signUp(), 60);
  pass(minute);
  assert.deepEqual([await signUp(), await signUp()], [0, 120]);
});

test('an account guessed at from everywhere waits little for its owner, and not at all where it was known', async () => {
  const { attempts, pass } = opened();
  await (await attempts.password('ann', '203.0.113.1')).succeeded();
  for (let turn = 0; turn < 60; turn += 1) {
    await fail(() => attempts.password('ann', `198.51.100.${turn}`));
    pass(31_000);
  }
  await fail(() => attempts.password('ann', '198.51.100.200'));
  const wait = await fail(() => attempts.password('ann', '192.0.2.9'));
  assert.ok(wait > 0 && wait <= 30, String(wait));
  assert.equal(await fail(() => attempts.password('ann', '203.0.113.1')), 0);
});

test('many at once are no more than many in turn', async () => {
  const { attempts } = opened();
  const guess = () => attempts.password('ann', '192.0.2.1');
  const begun = await Promise.allSettled(Array.from({ length: 20 }, guess));
  const open = begun.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  assert.equal(open.length, 5);
  await assert.rejects(guess, TooManyAttempts);
  for (const attempt of open) await attempt.dropped();
  for (const attempt of open) await attempt.failed();
  await (await guess()).dropped();
});

test('one that ends while another asks the records counts for it', async () => {
  const { attempts: real, records } = opened();
  let isSlow = false;
  const waiting = Promise.withResolvers<void>();
  const slow: AttemptRecords = {
    ...of(records),
    failures: async (keys) => {
      const found = await records.failures(keys);
      if (isSlow) await waiting.promise;
      return found;
    },
  };
  const attempts = new Attempts(slow, () => new Date('2026-01-01T00:00:00Z'));
  const guess = () => attempts.password('ann', '192.0.2.1');
  for (let turn = 0; turn < 4; turn += 1) assert.equal(await fail(guess), 0);
  const last = await guess();
  isSlow = true;
  const sixth = assert.rejects(guess, TooManyAttempts);
  await last.failed();
  waiting.resolve();
  await sixth;
  assert.equal(await fail(() => real.password('ann', '192.0.2.1')), 1);
});

test('whoever makes the program start again guesses on no sooner', async (context) => {
  const path = join(folderOf(context), 'hub.db');
  const { now, pass } = withClock();
  const guesses: readonly (readonly [number, number, (attempts: Attempts) => Promise<Attempt>])[] = [
    [5, 1, (attempts) => attempts.password('ann', '192.0.2.1')],
    [5, 1, (attempts) => attempts.secondFactor('ann', '192.0.2.1')],
    [50, 1, (attempts) => attempts.secret('192.0.2.1')],
    [20, 60, (attempts) => attempts.signUp('192.0.2.1')],
  ];
  for (const [free, wait, guess] of guesses)
    for (let turn = 0; turn <= free; turn += 1) {
      await using records = openSqliteRecords(path, { now });
      const waited = await fail(() => guess(new Attempts(records.attempts, now)));
      assert.equal(waited, turn === free ? wait : 0, `${guess} ${turn}`);
    }
  pass(61 * minute);
  await using records = openSqliteRecords(path, { now });
  assert.equal(await fail(() => new Attempts(records.attempts, now).password('ann', '192.0.2.1')), 0);
});

test('what is right writes nothing, unless it makes up for what was wrong', async () => {
  const { records } = opened();
  const wrote: string[] = [];
  const watched: AttemptRecords = {
    ...of(records),
    add: (keys) => {
      wrote.push('add');
      return records.add(keys);
    },
    forget: (keys) => {
      wrote.push('forget');
      return records.forget(keys);
    },
  };
  const attempts = new Attempts(watched, () => new Date('2026-01-01T00:00:00Z'));
  const guess = () => attempts.password('ann', '192.0.2.1');
  await (await guess()).succeeded();
  await (await attempts.secondFactor('ann', '192.0.2.1')).succeeded();
  await (await guess()).dropped();
  assert.deepEqual(wrote, []);
  await (await guess()).failed();
  await (await guess()).succeeded();
  await (await guess()).succeeded();
  assert.deepEqual(wrote, ['add', 'forget']);
});

test('no name is written down', async () => {
  const { records } = opened();
  const keys: string[] = [];
  const watched: AttemptRecords = { ...of(records), add: async (added) => void keys.push(...added) };
  const attempts = new Attempts(watched, () => new Date('2026-01-01T00:00:00Z'));
  await fail(() => attempts.password('correct horse', '192.0.2.1'));
  await fail(() => attempts.secondFactor('correct horse', '192.0.2.1'));
  assert.equal(new Set(keys).size, 5);
  for (const key of keys) assert.match(key, /^[\w-]{43}$/);
});

test('while nothing can be written, failures are told, and count all the same', async () => {
  const { records } = opened();
  const fullDisk = new Error('the disk is full');
  const full: AttemptRecords = {
    ...of(records),
    add: () => Promise.reject(fullDisk),
    forget: () => Promise.reject(fullDisk),
  };
  const { now, pass } = withClock();
  const attempts = new Attempts(full, now);
  const guess = () => attempts.password('ann', '192.0.2.1');
  for (let turn = 0; turn < 5; turn += 1) await assert.rejects(fail(guess), fullDisk);
  await assert.rejects(guess, TooManyAttempts);
  pass(1000);
  await (await guess()).succeeded();
  for (let turn = 0; turn < 5; turn += 1) await assert.rejects(fail(guess), fullDisk);
  await assert.rejects(guess, TooManyAttempts);
  pass(61 * minute);
  await assert.rejects(fail(guess), fullDisk, 'forgotten in an hour');
});

test('of what was under way nothing is kept', async () => {
  const { records } = opened();
  const attempts = new Attempts({ ...of(records), add: async () => {} }, () => new Date());
  const before = heapUsed();
  for (let turn = 0; turn < 10_000; turn += 1) {
    const attempt = await attempts.password(`u${turn}`, `10.0.${turn >> 8}.${turn & 255}`);
    await (turn % 2 === 0 ? attempt.failed() : attempt.dropped());
  }
  const kept = heapUsed() - before;
  await (await attempts.password('ann', '192.0.2.1')).dropped(); // it is still there, then
  assert.ok(kept < 1 << 20, String(kept));
});

/** Of what is still referred to. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Its functions, each by itself. */
const of = (records: AttemptRecords): AttemptRecords => ({
  failures: (keys) => records.failures(keys),
  add: (keys) => records.add(keys),
  forget: (keys) => records.forget(keys),
  dropForgotten: () => records.dropForgotten(),
});

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-attempts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
