import assert from 'node:assert/strict';
import test from 'node:test';
import { searchContract } from '../../../../test/fixtures/hub-records/search-contract.ts';
import { aRepository, aUser, audited } from '../../../../test/fixtures/hub-records/seed.ts';
import { fold, wordsOf } from '../words.ts';
import { openSqliteRecords } from './index.ts';

searchContract('sqlite', (options) => openSqliteRecords(':memory:', options));

const find = async (records: ReturnType<typeof openSqliteRecords>, word: string) =>
  (await records.search.find({ kind: 'stranger' }, { name: word, words: [word] }, 100)).map(
    ({ name }) => name,
  );

test('what is one word is one word to the index', () => {
  const { database } = openSqliteRecords(':memory:');
  const letters = [];
  for (let code = 0x80; code < 0x110000; code += code < 0x3000 ? 1 : 41) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const folded = fold(`x${String.fromCodePoint(code)}x`);
    if (wordsOf(folded)[0] === folded) letters.push(folded);
  }
  assert.ok(letters.length > 5000);
  for (const word of letters)
    database.all('SELECT rowid FROM public_text WHERE public_text MATCH ? LIMIT 1', `"${word}"*`);
});

test('a check finds what the index lacks or has too much, and it can be made anew', async () => {
  await using records = openSqliteRecords(':memory:');
  const { database, search } = records;
  const ann = await aUser(records, 'ann');
  const open = await aRepository(records, ann.id, 'ann/open', 'public');
  const secret = await aRepository(records, ann.id, 'ann/secret');
  assert.deepEqual(await search.check(), []);
  database.run('DELETE FROM public_text WHERE rowid = ?', open.id);
  database.run("INSERT INTO public_text (rowid, words, marks) VALUES (?, 'secret', '')", secret.id);
  database.run('DELETE FROM private_text WHERE rowid = ?', secret.id);
  database.run("INSERT INTO private_text (rowid, words, marks) VALUES (?, 'open', '')", open.id);
  assert.deepEqual(await search.check(), [
    'ann/open is not where public repositories are found',
    'ann/secret is not where private repositories are found',
    `repository ${secret.id} is found among the public ones, and is none`,
    `repository ${open.id} is found among the private ones, and is none`,
  ]);
  // what may be seen is decided by the records, not by the index
  assert.deepEqual(await find(records, 'secret'), []);
  assert.deepEqual(await find(records, 'open'), []);
  await search.rebuild();
  assert.deepEqual(await search.check(), []);
  assert.deepEqual(await find(records, 'open'), ['ann/open']);
});

test('tending the index makes one of many small ones', async () => {
  await using records = openSqliteRecords(':memory:');
  const { database, search } = records;
  const ann = await aUser(records, 'ann');
  await records.plans.give({ accountName: 'ann', planId: 'unlimited' }, audited);
  for (let i = 0; i < 3000; i += 1)
    await aRepository(records, ann.id, `ann/i${i}`, i % 2 === 0 ? 'public' : 'private');
  const segments = (table: string) =>
    database.get<{ n: number }>(`SELECT count(DISTINCT segid) AS n FROM ${table}_idx`)!.n;
  const before = [segments('public_text'), segments('private_text')] as const;
  let steps = 0;
  while (await search.tend()) steps += 1;
  assert.ok(steps > 0);
  assert.ok(segments('public_text') < before[0], `${segments('public_text')} of ${before[0]}`);
  assert.ok(segments('private_text') < before[1], `${segments('private_text')} of ${before[1]}`);
  assert.deepEqual(await search.check(), []);
});
