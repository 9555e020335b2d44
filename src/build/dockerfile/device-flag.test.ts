import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDevice } from './device-flag.ts';

const read: readonly (readonly [text: string, name: string, required: boolean])[] = [
  ['vendor.com/class', 'vendor.com/class', false],
  ['vendor.com/class=one', 'vendor.com/class=one', false],
  ['vendor.com/class=one,required', 'vendor.com/class=one', true],
  ['required,vendor.com/class=*', 'vendor.com/class=*', true],
  ['name=vendor.com/class=one,required=true', 'vendor.com/class=one', true],
  ['NAME=vendor.com/class,Required=0', 'vendor.com/class', false],
  ['vendor.com/class=one,required=false', 'vendor.com/class=one', false],
  ['"vendor.com/class=one"', 'vendor.com/class=one', false],
  ['name', 'name', false],
  ['required', '', true],
];
for (const [text, name, required] of read)
  test(`device ${text}`, () => assert.deepEqual(parseDevice(text), { name, required }));

const refused: readonly (readonly [text: string, message: string])[] = [
  ['', 'failed to parse csv devices: EOF'],
  ['a"b', 'failed to parse csv devices: parse error on line 1, column 2: bare " in non-quoted field'],
  ['a/b,name=c/d', 'device name already set to a/b'],
  ['a/b,c', "invalid field 'c' must be a key=value pair"],
  ['a/b,nam=c', "unexpected key 'nam' in 'nam=c' (did you mean name?)"],
  ['a/b,other=c', "unexpected key 'other' in 'other=c'"],
  ['a/b,required=yes', 'invalid value for required: yes'],
  ['a/b,required=constructor', 'invalid value for required: constructor'],
];
for (const [text, message] of refused)
  test(`no device: ${JSON.stringify(text)}`, () =>
    assert.throws(() => parseDevice(text), { kind: 'invalid', message }));
