import assert from 'node:assert/strict';
import test from 'node:test';
import { aUser, personOf } from '../../../test/fixtures/hub-records/seed.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';
import { Attempts } from './attempts.ts';
import { SecondFactor } from './second-factor.ts';
import { codeOfStep, stepAt } from './totp.ts';

test('a code that could not be looked at counts as no guess, however often', async () => {
  const now = () => new Date('2026-01-01T00:00:00Z');
  await using records = openSqliteRecords(':memory:', { now });
  const attempts = new Attempts(records.attempts, now);
  const broken = new Error('the database is busy');
  const failing = () => Promise.reject(broken);
  const { secondFactors } = records;
  const working = new SecondFactor({ records, now }, attempts);
  const failed = new SecondFactor(
    {
      records: {
        ...records,
        secondFactors: {
          begin: (id, secret) => secondFactors.begin(id, secret),
          remove: (id, audited) => secondFactors.remove(id, audited),
          ...{ confirm: failing, takeStep: failing, takeRecoveryCode: failing },
        },
      },
      now,
    },
    attempts,
  );
  const ann = await aUser(records, 'ann');
  await working.begin(ann);
  const current = async () => (await records.users.findById(ann.id))!;
  const codeAt = async (steps: number) =>
    codeOfStep((await current()).secondFactor!.secret, stepAt(now()) + steps);

  for (let turn = 0; turn < 20; turn += 1)
    await assert.rejects(failed.confirm(await current(), await codeAt(0), personOf(ann)), broken);
  await working.confirm(await current(), await codeAt(0), personOf(ann));
  for (let turn = 0; turn < 20; turn += 1)
    await assert.rejects(failed.check(await current(), await codeAt(1), '192.0.2.1'), broken);
  await working.check(await current(), await codeAt(1), '192.0.2.1');
});
