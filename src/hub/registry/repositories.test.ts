import assert from 'node:assert/strict';
import test from 'node:test';
import { createLog } from '#base/log.ts';
import { anOrganisation, aRepository, aUser, personOf } from '../../../test/fixtures/hub-records/seed.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';
import { hubRooms } from '../rooms.ts';
import { Repositories } from './repositories.ts';

async function opened() {
  const records = openSqliteRecords(':memory:');
  const rooms = hubRooms(records, { log: createLog({ level: 'error', write: () => undefined }) });
  const [ann, bob] = [await aUser(records, 'ann'), await aUser(records, 'bob')];
  return { records, ann, bob, repositories: new Repositories(rooms) };
}

test('pushes at once to what is not there yet make it once', async () => {
  const { records, ann, repositories } = await opened();
  await using _ = records;
  const made = await Promise.all(
    Array.from({ length: 5 }, () => repositories.ensure(personOf(ann), 'ann/app')),
  );
  assert.deepEqual(new Set(made.map(({ id }) => id)).size, 1);
  assert.equal((await repositories.ensure(personOf(ann), 'ann/app')).id, made[0]!.id);
  assert.equal((await records.audit.list({ action: 'repository.create', size: 10 })).length, 1);
});

test('nobody makes any where it may not, nor learns of what is there', async () => {
  const { records, ann, bob, repositories } = await opened();
  await using _ = records;
  await aRepository(records, ann.id, 'ann/secret');
  await aRepository(records, await anOrganisation(records, 'org', ann), 'org/secret');
  for (const name of ['ann/secret', 'ann/none', 'org/secret', 'org/none'])
    await assert.rejects(repositories.ensure(personOf(bob), name), {
      ...{ kind: 'forbidden', message: `You may not make repositories in ${name.split('/')[0]}` },
    });
  const scopes = new Map([['ann/other', 'admin' as const]]);
  const elsewhere = repositories.ensure({ ...personOf(ann), scopes }, 'ann/secret');
  await assert.rejects(elsewhere, { kind: 'conflict' });
});
