import assert from 'node:assert/strict';
import test from 'node:test';
import { apiVersion, minorVersion, newestMinor } from './version.ts';

test('versions served', () => {
  assert.equal(minorVersion('1.24'), 24);
  assert.equal(minorVersion('1.51'), 51);
  assert.equal(apiVersion, `1.${newestMinor}`);
});

const refused: [version: string, message: string][] = [
  ['1.99', 'client version 1.99 is too new. Maximum supported API version is 1.51'],
  ['2.0', 'client version 2.0 is too new. Maximum supported API version is 1.51'],
  [
    '1.12',
    'client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  ],
];
for (const [version, message] of refused) {
  test(message, () => assert.throws(() => minorVersion(version), { kind: 'invalid', message }));
}
