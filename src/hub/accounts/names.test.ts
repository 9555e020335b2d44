import assert from 'node:assert/strict';
import test from 'node:test';
import { checkAccountName, checkEmail } from './names.ts';
import { checkPassword } from './password-rules.ts';

const refuses = (check: () => void): boolean => {
  try {
    check();
    return false;
  } catch (error) {
    assert.equal((error as { kind?: string }).kind, 'invalid');
    return true;
  }
};

test('names of accounts', () => {
  for (const name of ['ab', 'ann', '0x', 'a.b', 'a__b', 'a--b', 'a-b_c.d', 'x'.repeat(40)])
    assert.equal(
      refuses(() => checkAccountName(name)),
      false,
      name,
    );
  for (const name of [
    ...[
      '',
      'a',
      'Ann',
      'a b',
      '.ab',
      'ab.',
      '-ab',
      'ab-',
      'a..b',
      'a___b',
      'a/b',
      '../a',
      'ä1',
      'ab\n',
      'x'.repeat(41),
    ],
    ...['api', 'v2', 'token', 'tokens', 'admin', 'settings', '__proto__'],
  ])
    assert.equal(
      refuses(() => checkAccountName(name)),
      true,
      JSON.stringify(name),
    );
});

test('e-mail addresses', () => {
  for (const email of ['a@b.c', 'a+b@c.example', 'ü@ü.example']) checkEmail(email);
  for (const email of ['a', 'a@b', '@b.c', 'a b@c.d', 'a@b.c\nBcc: x', `${'a'.repeat(251)}@b.c`])
    assert.equal(
      refuses(() => checkEmail(email)),
      true,
      email,
    );
});

test('passwords', () => {
  for (const password of ['correct horse', 'ten chars!', '          x', 'x'.repeat(1023).concat('y')])
    assert.equal(
      refuses(() => checkPassword(password, 'ann')),
      false,
      password,
    );
  for (const password of [
    '',
    'nine char',
    'Password123',
    'QWERTYUIOP',
    'zzzzzzzzzzzz',
    'hht_whatever',
    'x'.repeat(1025),
  ])
    assert.equal(
      refuses(() => checkPassword(password, 'ann')),
      true,
      password,
    );
  assert.equal(
    refuses(() => checkPassword('Ann.Of.The.Hill', 'ann.of.the.hill')),
    true,
  );
});
