import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import {
  anOrganisation,
  aRepository,
  aUser,
  audited,
  personOf,
} from '../../../test/fixtures/hub-records/seed.ts';
import type { Actor } from '../access/actor.ts';
import type { CountedPulls, PullRecords, Records } from '../records/index.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';
import { addressGroup } from './address-group.ts';
import { PullCounts } from './pull-counts.ts';
import { Pulls } from './pull-meter.ts';
import { PullWindows } from './pull-windows.ts';

const groups: readonly (readonly [address: string, group: string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8:0:0:ffff::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
];
for (const [address, group] of groups)
  test(`pulls of ${address} count for ${group}`, () => assert.equal(addressGroup(address), group));

test('a window ends an hour after its first pull', () => {
  let now = 0;
  const windows = new PullWindows({ now: () => now });
  const take = () => {
    const { remaining, refused } = windows.take('a', 2);
    return [remaining, refused?.retryAfterSeconds];
  };
  assert.deepEqual(take(), [1, undefined]);
  now = 1800_000;
  assert.deepEqual(take(), [0, undefined]);
  assert.deepEqual(take(), [0, 1800]);
  assert.equal(windows.look('a', 3).remaining, 1);
  assert.equal(windows.look('b', 3).remaining, 3);
  assert.equal(windows.pulls('a'), 2);
  now = 3600_000;
  assert.equal(windows.pulls('a'), 0);
  assert.deepEqual(take(), [1, undefined]);
});

test('windows are few, whoever comes', () => {
  let now = 0;
  const windows = new PullWindows({ now: () => now, most: 100 });
  for (let i = 0; i < 1000; i += 1) {
    windows.take(`${i}`, 1);
    assert.ok(windows.size <= 100);
  }
  assert.equal(windows.take('999', 1).refused !== undefined, true);
  assert.equal(windows.take('0', 1).refused !== undefined, false);
  now = 3600_000;
  windows.take('a', 1);
  assert.equal(windows.size, 1);
});

/** ann owns repositories and is on the plan `free`; bob too, who is in an organisation on `team`. */
async function hub(change: (records: Records) => Partial<Records> = () => ({})) {
  const clock = { now: new Date('2026-03-01T23:59:00Z') };
  const now = () => clock.now;
  const opened = openSqliteRecords(':memory:', { now });
  const records: Records = { ...opened, ...change(opened) };
  const ann = await aUser(records, 'ann');
  const bob = await aUser(records, 'bob');
  await anOrganisation(records, 'org', bob);
  const give = (accountName: string, planId: string) => records.plans.give({ accountName, planId }, audited);
  await give('org', 'team');
  return {
    ...{ records, clock, give },
    pulls: new Pulls({ records, log: silentLog, now }),
    ann: personOf(ann),
    bob: personOf(bob),
    one: await aRepository(records, ann.id, 'ann/one', 'public'),
    two: await aRepository(records, ann.id, 'ann/two', 'public'),
    [Symbol.asyncDispose]: () => records[Symbol.asyncDispose](),
  };
}

const stranger = (address: string): Actor => ({ kind: 'stranger', address });

test('strangers pull by address, persons by the best plan that is theirs', async () => {
  await using at = await hub();
  const { records, pulls, ann, bob, one } = at;
  await using _closed = pulls;
  const allow = (anonymousPullsPerHour: number) =>
    records.settings.change((before) => ({ ...before, anonymousPullsPerHour }), audited);
  await allow(1);
  assert.equal((await pulls.check(stranger('2001:db8::1'), one))?.refused, undefined);
  assert.equal((await pulls.check(stranger('2001:db8::2'), one))?.refused?.retryAfterSeconds, 3600);
  assert.equal((await pulls.check(stranger('2001:db8:0:1::2'), one))?.refused, undefined);
  assert.equal((await pulls.check(ann, one))?.limit, 600);
  assert.equal((await pulls.check(bob, one))?.limit, 10_000);
  assert.equal(pulls.pullsOf(bob.id), 1);
  await at.give('org', 'unlimited');
  pulls.forgetLimits();
  assert.equal(await pulls.check(bob, one), undefined);
  assert.equal(await pulls.look(bob, one), undefined);
  assert.equal(pulls.pullsOf(bob.id), 2);
  await records.settings.change(({ anonymousPullsPerHour: _none, ...others }) => others, audited);
  assert.equal(await pulls.check(stranger('2001:db8::1'), one), undefined);
});

test('of pulls at once, as many as the limit allows are served', async () => {
  await using at = await hub();
  const { records, pulls, one } = at;
  await using _closed = pulls;
  await records.settings.change((before) => ({ ...before, anonymousPullsPerHour: 3 }), audited);
  const all = await Promise.all(Array.from({ length: 10 }, () => pulls.check(stranger('192.0.2.9'), one)));
  assert.equal(all.filter((each) => each?.refused === undefined).length, 3);
});

test('a limit that was being read when it changed is not kept', async () => {
  const read = Promise.withResolvers<void>();
  await using at = await hub((records) => ({
    plans: new Proxy(records.plans, {
      get: (plans, name) =>
        name === 'pullsPerHour'
          ? async (id: string) => {
              const limit = await plans.pullsPerHour(id);
              await read.promise;
              return limit;
            }
          : (plans[name as keyof typeof plans] as () => unknown).bind(plans),
    }),
  }));
  const { pulls, ann, one } = at;
  await using _closed = pulls;
  const begun = pulls.look(ann, one);
  await at.give('ann', 'team');
  pulls.forgetLimits();
  read.resolve();
  assert.equal((await begun)?.limit, 600);
  assert.equal((await pulls.look(ann, one))?.limit, 10_000);
});

test('pulls are written together, by repository and day', async () => {
  await using at = await hub();
  const { records, pulls, clock, one, two } = at;
  pulls.count(one);
  pulls.count(two);
  pulls.count(one);
  clock.now = new Date('2026-03-02T00:00:01Z');
  pulls.count(one);
  assert.deepEqual(await records.pulls.byDay(one.id, ''), []);
  await pulls[Symbol.asyncDispose]();
  assert.deepEqual(await records.pulls.byDay(one.id, ''), [
    { day: '2026-03-01', pulls: 2 },
    { day: '2026-03-02', pulls: 1 },
  ]);
  assert.deepEqual(await records.pulls.byDay(two.id, ''), [{ day: '2026-03-01', pulls: 1 }]);
});

/** What takes batches, or fails when told to, a moment later. */
class Written implements Pick<PullRecords, 'add'> {
  readonly batches: (readonly CountedPulls[])[] = [];
  fails = false;

  async add(batch: readonly CountedPulls[]): Promise<void> {
    await new Promise(setImmediate);
    if (this.fails) throw new Error('no');
    this.batches.push(batch);
  }
}

test('counts that cannot be written are kept and added to, as many as there is room for', async () => {
  const written = new Written();
  let now = new Date('2026-03-01T10:00:00Z');
  const counts = new PullCounts(written, { now: () => now, most: 2 });
  assert.equal(counts.add(1), false);
  assert.equal(counts.add(2), true);
  assert.equal(counts.add(2), false, 'that it is full is told once');
  written.fails = true;
  const failed = counts.flush();
  now = new Date('2026-03-01T10:00:01Z');
  counts.add(1);
  counts.add(3);
  await assert.rejects(failed, /no/);
  assert.equal(counts.lost, 2, 'both of 2, for which there is no room any more');
  written.fails = false;
  await Promise.all([counts.flush(), counts.flush()]);
  const day = '2026-03-01';
  const at = '2026-03-01T10:00:01.000Z';
  assert.deepEqual(written.batches, [
    [
      { repositoryId: 1, day, pulls: 2, at },
      { repositoryId: 3, day, pulls: 1, at },
    ],
  ]);
});
