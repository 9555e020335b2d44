import assert from 'node:assert/strict';
import test from 'node:test';
import { base32, codeOfStep, otpauthUri, stepAt, stepOfCode } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

test('codes of RFC 6238, appendix B, of which six digits', () => {
  for (const [seconds, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ] as const)
    assert.equal(codeOfStep(secret, stepAt(new Date(seconds * 1000))), code);
});

test('base32 of RFC 4648', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    assert.equal(base32(Buffer.from(text)), encoded);
});

test('a step before and one after are taken, and none that was', () => {
  const time = new Date(1_000_000_000_000);
  const step = stepAt(time);
  const at = (offset: number, lastStep = 0) =>
    stepOfCode(codeOfStep(secret, step + offset), { secret, time, lastStep });
  assert.deepEqual(
    [-2, -1, 0, 1, 2].map((offset) => at(offset)),
    [undefined, step - 1, step, step + 1, undefined],
  );
  assert.deepEqual([at(0, step), at(1, step), at(-1, step)], [undefined, step + 1, undefined]);
  for (const code of ['', '12345', '1234567', 'abcdef', '12 456'])
    assert.equal(stepOfCode(code, { secret, time, lastStep: 0 }), undefined);
});

test('what an app is shown', () => {
  assert.equal(
    otpauthUri({ secret, issuer: 'My Hub', account: 'ann' }),
    'otpauth://totp/My%20Hub:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20Hub&algorithm=SHA1&digits=6&period=30',
  );
});
