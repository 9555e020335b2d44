import assert from 'node:assert/strict';
import test from 'node:test';
import { isSecret, newSecret } from './secrets.ts';

test('a secret is its kind, 40 characters, and wrong with any of them changed', () => {
  const secret = newSecret('hht_');
  assert.match(secret, /^hht_[0-9A-Za-z]{40}$/);
  assert.equal(isSecret('hht_', secret), true);
  assert.equal(isSecret('hhr_', secret), false);
  for (let at = 4; at < secret.length; at += 1) {
    const changed = secret.slice(0, at) + (secret[at] === 'a' ? 'b' : 'a') + secret.slice(at + 1);
    assert.equal(isSecret('hht_', changed), false, changed);
  }
  for (const text of ['', 'hht_', secret.slice(1), `${secret}0`]) assert.equal(isSecret('hht_', text), false);
});
