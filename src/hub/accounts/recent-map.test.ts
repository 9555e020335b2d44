import assert from 'node:assert/strict';
import test from 'node:test';
import { RecentMap } from './recent-map.ts';

test('what was touched last stays, the rest goes, and there are never more than twice as many', () => {
  const map = new RecentMap<number, string>(10);
  for (let key = 0; key < 1000; key += 1) {
    map.set(key, `${key}`);
    assert.equal(map.get(0), '0', 'touched each time');
    assert.ok(map.size <= 20);
    for (let last = Math.max(0, key - 4); last <= key; last += 1) assert.equal(map.get(last), `${last}`);
  }
  assert.equal(map.get(5), undefined);
  map.delete(999);
  assert.equal(map.get(999), undefined);
});
