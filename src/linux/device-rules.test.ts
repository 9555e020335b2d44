import assert from 'node:assert/strict';
import test from 'node:test';
import type { DeviceRule } from '#oci/runtime-spec.ts';
import { compileDevices } from './device-bpf.ts';
import { allDevices, defaultDeviceRules, devicePolicy, ruleLine } from './device-rules.ts';

const lines: [rule: DeviceRule, line: string][] = [
  [{ allow: false }, 'a'],
  [{ allow: true, type: 'a', access: 'rwm' }, 'a'],
  [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }, 'c 1:3 rw'],
  [{ allow: true, type: 'b', major: 8, minor: -1 }, 'b 8:* rwm'],
];
for (const [rule, line] of lines) {
  test(`${JSON.stringify(rule)} is the line ${line}`, () => assert.equal(ruleLine(rule), line));
}

const zero = { type: 'c', major: 1, minor: 5 } as const;

test('rules add to and take from the exception of the very same device', () => {
  const rules: DeviceRule[] = [
    { allow: false },
    { allow: true, ...zero, access: 'r' },
    { allow: true, ...zero, access: 'w' },
    { allow: true, type: 'b', major: 8, access: 'r' },
    { allow: false, ...zero, access: 'r' },
    { allow: false, type: 'b', major: 8, minor: 1 },
  ];
  assert.deepEqual(devicePolicy(rules), {
    allowsByDefault: false,
    exceptions: [
      { ...zero, access: 'w' },
      { type: 'b', major: 8, access: 'r' },
    ],
  });
  assert.deepEqual(devicePolicy([...rules, { allow: true }]), { allowsByDefault: true, exceptions: [] });
});

/** Runs a device program on one question, as the kernel does. */
function asks(program: Uint8Array, type: 'b' | 'c', major: number, minor: number, access: string): boolean {
  const code = Buffer.from(program);
  const bits = [...access].reduce((sum, letter) => sum | { m: 1, r: 2, w: 4 }[letter]!, 0);
  const context = [((bits << 16) | { b: 1, c: 2 }[type]) >>> 0, major, minor];
  const register: number[] = [];
  for (let at = 0; ; at++) {
    const [to, from] = [code[at * 8 + 1]! & 15, code[at * 8 + 1]! >> 4];
    const offset = code.readInt16LE(at * 8 + 2);
    const value = code.readInt32LE(at * 8 + 4);
    const steps: Record<number, () => void> = {
      97: () => (register[to] = context[offset / 4]!),
      84: () => (register[to] = (register[to]! & value) >>> 0),
      116: () => (register[to] = register[to]! >>> value),
      188: () => (register[to] = register[from]!),
      183: () => (register[to] = value),
      85: () => (at += register[to] !== value ? offset : 0),
      21: () => (at += register[to] === value ? offset : 0),
    };
    if (code[at * 8] === 0x95) return register[0] === 1;
    steps[code[at * 8]!]!();
  }
}

const asked: [type: 'b' | 'c', major: number, minor: number, access: string, byDefault: boolean][] = [
  ['c', 1, 3, 'rw', true],
  ['c', 1, 3, 'rwm', true],
  ['c', 136, 7, 'rw', true],
  ['c', 1, 11, 'r', false],
  ['c', 1, 11, 'm', true],
  ['c', 1, 11, 'rm', false],
  ['b', 8, 0, 'm', true],
  ['b', 8, 0, 'r', false],
  ['c', 10, 229, 'rw', false],
];
for (const [type, major, minor, access, byDefault] of asked) {
  test(`${access} of ${type} ${major}:${minor} is ${byDefault ? 'let' : 'refused'} by the default rules`, () => {
    assert.equal(asks(compileDevices(defaultDeviceRules), type, major, minor, access), byDefault);
    assert.equal(asks(compileDevices(allDevices), type, major, minor, access), true);
  });
}

test('with all allowed, an exception refuses whatever touches it', () => {
  const program = compileDevices([{ allow: true }, { allow: false, ...zero, access: 'w' }]);
  assert.equal(asks(program, 'c', 1, 5, 'r'), true);
  assert.equal(asks(program, 'c', 1, 5, 'rw'), false);
  assert.equal(asks(program, 'c', 1, 6, 'rw'), true);
});
