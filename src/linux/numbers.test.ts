import assert from 'node:assert/strict';
import test from 'node:test';
import { numbers } from './numbers.ts';
import { syscallNumbers } from './syscall-tables.ts';

for (const [name, [x86, arm]] of Object.entries(numbers)) {
  test(`${name} has one number wherever it is written`, () => {
    assert.equal(syscallNumbers('X86_64').get(name), x86);
    assert.equal(syscallNumbers('AARCH64').get(name), arm);
  });
}
