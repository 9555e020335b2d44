import assert from 'node:assert/strict';
import test from 'node:test';
import { owaspCost, PasswordHasher } from './password-hash.ts';

const cheap = { memoryKib: 64, passes: 1, parallelism: 1 };

test('a hash has its parameters and a salt of its own, and fits its password alone', async () => {
  const hasher = new PasswordHasher();
  const [one, two] = [await hasher.hash('a password'), await hasher.hash('a password')];
  assert.match(one, /^\$argon2id\$v=19\$m=12288,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, two);
  assert.equal(await hasher.verify(one, 'a password'), true);
  assert.equal(await hasher.verify(one, 'a Password'), false);
  assert.equal(await hasher.verify(undefined, 'a password'), false);
});

test("the reference implementation's hash is understood", async () => {
  // of `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1`, phc-winner-argon2's own test vector
  const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  const hasher = new PasswordHasher();
  assert.equal(await hasher.verify(known, 'password'), true);
  assert.equal(await hasher.verify(known, 'passwort'), false);
});

test('a hash of other parameters is stale', async () => {
  const old = await new PasswordHasher(cheap).hash('a password');
  assert.equal(new PasswordHasher(owaspCost).isStale(old), true);
  assert.equal(new PasswordHasher(cheap).isStale(old), false);
  assert.equal(await new PasswordHasher(owaspCost).verify(old, 'a password'), true);
});

test('characters may be typed in either form', async () => {
  const hasher = new PasswordHasher(cheap);
  assert.equal(await hasher.verify(await hasher.hash('cafe\u0301 au lait'), 'caf\u00e9 au lait'), true);
});

test('many wait for few, and too many are told to come again', async () => {
  const hasher = new PasswordHasher(cheap);
  const results = await Promise.allSettled(Array.from({ length: 300 }, () => hasher.hash('a password')));
  const refused = results.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 98);
  assert.equal((await hasher.hash('and after')).length > 0, true);
});
