import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDevices } from './devices.ts';

for (const name of ['vendor.com/class', 'vendor.com/class=one', 'v/c=*', 'v-1/c_2.3=x'])
  test(`a device that need not be: ${name}`, () => checkDevices([{ name, required: false }]));

const refused: readonly (readonly [name: string, required: boolean, message: string])[] = [
  ['vendor.com/class=one', true, 'required device "vendor.com/class=one" is not registered'],
  ['', false, 'invalid device ""'],
  ['class=one', false, 'invalid device "class=one"'],
  ['/class', false, 'invalid device "/class"'],
  ['vendor/', false, 'invalid device "vendor/"'],
  ['1v/c', false, 'invalid device "1v/c": invalid vendor. "1v", should start with letter'],
  ['v/c d', false, 'invalid device "v/c d": invalid class. invalid character \' \' in name "c d"'],
  ['v/c-', false, 'invalid device "v/c-": invalid class. "c-", should end with a letter or digit'],
];
for (const [name, required, message] of refused)
  test(`no device: ${name}`, () => assert.throws(() => checkDevices([{ name, required }]), { message }));
