import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { Actor } from '../access/actor.ts';
import { openDatabase } from '../data/index.ts';
import { HubSettings } from '../settings/settings.ts';
import { addressGroup } from './address-group.ts';
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

function hub() {
  const database = openDatabase(':memory:');
  const at = '2026-01-01T00:00:00.000Z';
  for (const [id, kind, plan] of [
    ['ann', 'user', 'free'],
    ['bob', 'user', 'free'],
    ['org', 'organisation', 'team'],
  ] as const)
    database.run(
      'INSERT INTO account (id, name, kind, plan_id, created_at) VALUES (?1, ?1, ?, ?, ?)',
      id,
      kind,
      plan,
      at,
    );
  database.run("INSERT INTO user VALUES ('bob', '', '', ?, 0, NULL, NULL, NULL, 0)", at);
  database.run("INSERT INTO member VALUES ('org', 'bob', 'member', ?)", at);
  for (const name of ['one', 'two'])
    database.run(
      "INSERT INTO repository (owner_id, name, full_name, visibility, created_at, updated_at) VALUES ('ann', ?1, 'ann/' || ?1, 'public', ?2, ?2)",
      name,
      at,
    );
  const rows = database.all<RepositoryRecord>('SELECT * FROM repository ORDER BY id');
  const clock = { now: new Date('2026-03-01T23:59:00Z') };
  const settings = new HubSettings(database);
  const pulls = new Pulls({ database, settings, log: silentLog, now: () => clock.now });
  return { database, settings, pulls, clock, one: rows[0]!, two: rows[1]! };
}

const stranger = (address: string): Actor => ({ kind: 'stranger', address });
const person = (id: string): Actor => ({
  ...{ kind: 'person', id, name: id, isAdmin: false, address: '192.0.2.1' },
  ...{ via: 'password', ceiling: 'admin' },
});

test('strangers pull by address, persons by the best plan that is theirs', () => {
  const { database, settings, pulls, one } = hub();
  using _closed = pulls;
  settings.set({ ...settings.get(), anonymousPullsPerHour: 1 });
  assert.equal(pulls.check(stranger('2001:db8::1'), one)?.refused, undefined);
  assert.equal(pulls.check(stranger('2001:db8::2'), one)?.refused?.retryAfterSeconds, 3600);
  assert.equal(pulls.check(stranger('2001:db8:0:1::2'), one)?.refused, undefined);
  assert.equal(pulls.check(person('ann'), one)?.limit, 600);
  assert.equal(pulls.check(person('bob'), one)?.limit, 10_000);
  assert.equal(pulls.pullsOf('bob'), 1);
  database.run("UPDATE account SET plan_id = 'unlimited' WHERE id = 'org'");
  pulls.forgetLimits();
  assert.equal(pulls.check(person('bob'), one), undefined);
  assert.equal(pulls.look(person('bob'), one), undefined);
  assert.equal(pulls.pullsOf('bob'), 2);
  const { anonymousPullsPerHour: _none, ...unlimited } = settings.get();
  settings.set(unlimited);
  assert.equal(pulls.check(stranger('2001:db8::1'), one), undefined);
});

test('pulls are written together, by repository and day', () => {
  const { database, pulls, clock, one, two } = hub();
  pulls.count(one);
  pulls.count(two);
  pulls.count(one);
  clock.now = new Date('2026-03-02T00:00:01Z');
  pulls.count(one);
  assert.deepEqual(database.all('SELECT * FROM pull_day'), []);
  database.run('DELETE FROM repository WHERE id = ?', two.id);
  pulls[Symbol.dispose]();
  assert.deepEqual(
    database
      .all<{ day: string; pulls: number }>('SELECT day, pulls FROM pull_day ORDER BY day')
      .map((row) => [row.day, row.pulls]),
    [
      ['2026-03-01', 2],
      ['2026-03-02', 1],
    ],
  );
  const row = database.get<{ pulls: number; pulled_at: string }>(
    'SELECT pulls, pulled_at FROM repository WHERE id = ?',
    one.id,
  );
  assert.deepEqual({ ...row }, { pulls: 3, pulled_at: '2026-03-02T00:00:01.000Z' });
});
