import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { productVersion } from './product.ts';

test('the version is the package’s', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  assert.equal(productVersion, (JSON.parse(manifest) as { version: string }).version);
});
