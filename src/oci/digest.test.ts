import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, emptyLayer } from './digest.ts';

test('the empty layer is two blocks of zeros, which end a tar', () =>
  assert.equal(digestOf(Buffer.alloc(1024)), emptyLayer));
