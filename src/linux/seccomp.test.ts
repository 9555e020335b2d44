import assert from 'node:assert/strict';
import test from 'node:test';
import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import { compileSeccomp } from './seccomp.ts';
import { defaultSeccomp } from './seccomp-default.ts';
import { type SyscallAbi, syscallNumbers } from './syscall-tables.ts';

interface Call {
  readonly name: string | number;
  readonly args?: readonly (number | bigint)[];
  readonly abi?: SyscallAbi;
}

const architectures = { X86_64: 0xc000003e, X86: 0x40000003, AARCH64: 0xc00000b7, ARM: 0x40000028 };

/** Runs a program as the kernel does, on one system call. */
function run(program: Uint8Array, { name, args = [], abi = 'X86_64' }: Call): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(typeof name === 'number' ? name : syscallNumbers(abi).get(name)!, 0);
  data.writeUInt32LE(architectures[abi], 4);
  for (const [i, value] of args.entries())
    data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + i * 8);
  const code = Buffer.from(program);
  for (let at = 0, accumulator = 0; ; at++) {
    const operation = code.readUInt16LE(at * 8);
    const [then, otherwise] = [code[at * 8 + 2]!, code[at * 8 + 3]!];
    const value = code.readUInt32LE(at * 8 + 4);
    const tests: Record<number, boolean> = {
      21: accumulator === value,
      37: accumulator > value,
      53: accumulator >= value,
    };
    if (operation === 0x20) accumulator = data.readUInt32LE(value);
    else if (operation === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (operation === 0x05) at += value;
    else if (operation === 0x06) return outcome(value);
    else if (operation in tests) at += tests[operation] ? then : otherwise;
    else throw new Error(`instruction ${operation}`);
  }
}

const names = new Map([
  [0x7fff, 'allow'],
  [0x8000, 'kill process'],
  [0, 'kill'],
  [3, 'trap'],
  [0x7ffc, 'log'],
]);

function outcome(value: number): string {
  const action = value >>> 16;
  if (action === 5) return `errno ${value & 0xffff}`;
  if (action === 0x7ff0) return `trace ${value & 0xffff}`;
  return names.get(action) ?? `action ${action}`;
}

const refusing = (
  syscalls: RuntimeSeccomp['syscalls'],
  more: Partial<RuntimeSeccomp> = {},
): RuntimeSeccomp => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [...(syscalls ?? []), { names: ['listns'], action: 'SCMP_ACT_ALLOW' }],
  ...more,
});

const wide = 0x1_0000_0005n;
const comparisons: [
  op: string,
  value: number | bigint,
  allowed: (number | bigint)[],
  refused: (number | bigint)[],
][] = [
  ['EQ', 5, [5], [4, 6, wide]],
  ['EQ', wide, [wide], [5, 0x1_0000_0004n, 0x2_0000_0005n]],
  ['NE', 5, [4, wide], [5]],
  ['NE', wide, [5, 0x1_0000_0004n], [wide]],
  ['LT', 5, [0, 4], [5, 6]],
  ['LE', 5, [0, 5], [6]],
  ['GT', 5, [6], [0, 5]],
  ['GE', 5, [5, 6], [0, 4]],
  ['LT', wide, [0, 5, 0xffffffff, 0x1_0000_0004n], [wide, 0x1_0000_0006n, 0x2_0000_0000n, -1]],
  ['LE', wide, [0, wide, 0x1_0000_0004n], [0x1_0000_0006n, 0x2_0000_0000n, -1]],
  ['GT', wide, [0x1_0000_0006n, 0x2_0000_0000n, -1], [0, 5, 0xffffffff, wide]],
  ['GE', wide, [wide, 0x1_0000_0006n, 0x2_0000_0000n, -1], [0, 0xffffffff, 0x1_0000_0004n]],
];
for (const [op, value, allowed, refused] of comparisons) {
  test(`an argument ${op} ${value}`, () => {
    const program = compileSeccomp(
      refusing([
        { names: ['kill'], action: 'SCMP_ACT_ALLOW', args: [{ index: 1, value, op: `SCMP_CMP_${op}` }] },
      ]),
      'X86_64',
    );
    for (const arg of allowed)
      assert.equal(run(program, { name: 'kill', args: [7, arg] }), 'allow', `${arg}`);
    for (const arg of refused)
      assert.equal(run(program, { name: 'kill', args: [7, arg] }), 'errno 1', `${arg}`);
  });
}

test('32-bit programs pass 32 bits, whatever stands above them', () => {
  const high = 0x7_0000_0000n;
  for (const [op, value, allowed, refused] of comparisons.filter(([, value]) => value === 5)) {
    const rule = {
      names: ['kill'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 1, value, op: `SCMP_CMP_${op}` }],
    };
    const program = compileSeccomp(refusing([rule], { architectures: ['SCMP_ARCH_X86'] }), 'X86_64');
    const low = (args: readonly (number | bigint)[]) => args.filter((arg) => typeof arg === 'number');
    const ask = (arg: number) => run(program, { name: 'kill', abi: 'X86', args: [7, high | BigInt(arg)] });
    for (const arg of low(allowed)) assert.equal(ask(Number(arg)), 'allow', `${op} ${arg}`);
    for (const arg of low(refused)) assert.equal(ask(Number(arg)), 'errno 1', `${op} ${arg}`);
  }
});

test('a masked argument', () => {
  const args = [{ index: 0, value: 0xf0_0000_00f0n, valueTwo: 0x10_0000_0020n, op: 'SCMP_CMP_MASKED_EQ' }];
  const program = compileSeccomp(refusing([{ names: ['kill'], action: 'SCMP_ACT_ALLOW', args }]), 'X86_64');
  assert.equal(run(program, { name: 'kill', args: [0x1f_ffff_ff2fn] }), 'allow');
  assert.equal(run(program, { name: 'kill', args: [0x2f_ffff_ff2fn] }), 'errno 1');
  assert.equal(run(program, { name: 'kill', args: [0x1f_ffff_ff3fn] }), 'errno 1');
});

test('conditions on several arguments must all hold, on one argument any', () => {
  const two = [
    { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
    { index: 1, value: 2, op: 'SCMP_CMP_EQ' },
  ];
  const both = compileSeccomp(refusing([{ names: ['kill'], action: 'SCMP_ACT_ALLOW', args: two }]), 'X86_64');
  assert.equal(run(both, { name: 'kill', args: [1, 2] }), 'allow');
  assert.equal(run(both, { name: 'kill', args: [1, 3] }), 'errno 1');
  assert.equal(run(both, { name: 'kill', args: [0, 2] }), 'errno 1');
  const same = two.map((one) => ({ ...one, index: 0 }));
  const either = compileSeccomp(
    refusing([{ names: ['kill'], action: 'SCMP_ACT_ALLOW', args: same }]),
    'X86_64',
  );
  assert.equal(run(either, { name: 'kill', args: [1] }), 'allow');
  assert.equal(run(either, { name: 'kill', args: [2] }), 'allow');
  assert.equal(run(either, { name: 'kill', args: [3] }), 'errno 1');
});

test('the first rule that matches wins, and one without arguments beats those with', () => {
  const args = [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }];
  const ordered: RuntimeSeccomp['syscalls'] = [
    { names: ['kill'], action: 'SCMP_ACT_ERRNO', errnoRet: 9, args },
    { names: ['kill'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 3, op: 'SCMP_CMP_LT' }] },
  ];
  const program = compileSeccomp(refusing(ordered), 'X86_64');
  assert.equal(run(program, { name: 'kill', args: [1] }), 'errno 9');
  assert.equal(run(program, { name: 'kill', args: [2] }), 'allow');
  const always = compileSeccomp(
    refusing([...ordered, { names: ['kill'], action: 'SCMP_ACT_LOG' }]),
    'X86_64',
  );
  assert.equal(run(always, { name: 'kill', args: [1] }), 'log');
});

const actions: [action: string, errnoRet: number | undefined, want: string][] = [
  ['SCMP_ACT_KILL', undefined, 'kill'],
  ['SCMP_ACT_KILL_PROCESS', undefined, 'kill process'],
  ['SCMP_ACT_TRAP', undefined, 'trap'],
  ['SCMP_ACT_ERRNO', undefined, 'errno 1'],
  ['SCMP_ACT_ERRNO', 13, 'errno 13'],
  ['SCMP_ACT_TRACE', 2, 'trace 2'],
  ['SCMP_ACT_LOG', undefined, 'log'],
];
for (const [action, errnoRet, want] of actions) {
  test(`${action} ${errnoRet ?? ''} is ${want}`, () => {
    const rule = { names: ['kill', 'no_such_call'], action, ...(errnoRet !== undefined && { errnoRet }) };
    const program = compileSeccomp({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }, 'X86_64');
    assert.equal(run(program, { name: 'kill' }), want);
    assert.equal(run(program, { name: 'getpid' }), 'allow');
    assert.equal(run(program, { name: 4000 }), 'allow');
  });
}

test('calls newer than the newest a refusing profile names are unheard of, x32 and other machines too', () => {
  const profile: RuntimeSeccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['read', 'openat2'], action: 'SCMP_ACT_ALLOW' }],
  };
  const program = compileSeccomp(profile, 'X86_64');
  assert.equal(run(program, { name: 'openat2' }), 'allow');
  assert.equal(run(program, { name: 'openat2', abi: 'X86_64', args: [] }), 'allow');
  assert.equal(run(program, { name: 438 }), 'errno 38');
  assert.equal(run(program, { name: 436 }), 'errno 1');
  assert.equal(run(program, { name: 0x40000000 }), 'errno 38');
  assert.equal(run(program, { name: 0xffffffff }), 'errno 38');
  assert.equal(run(program, { name: 'read', abi: 'AARCH64' }), 'kill process');
  assert.equal(run(program, { name: 'read', abi: 'X86' }), 'kill process');
});

const unsound: [what: string, profile: RuntimeSeccomp, message: RegExp][] = [
  ['action', { defaultAction: 'SCMP_ACT_HUG' }, /string SCMP_ACT_HUG is not a valid action/],
  [
    'architecture',
    { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['amd64'] },
    /string amd64 is not a valid arch/,
  ],
  [
    'operator',
    refusing([
      { names: ['kill'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 1, op: 'SCMP_CMP_ISH' }] },
    ]),
    /string SCMP_CMP_ISH is not a valid operator/,
  ],
  [
    'argument',
    refusing([
      { names: ['kill'], action: 'SCMP_ACT_ALLOW', args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] },
    ]),
    /argument index: 6/,
  ],
];
for (const [what, profile, message] of unsound) {
  test(`an unknown ${what} is refused`, () => {
    assert.throws(() => compileSeccomp(profile, 'X86_64'), { kind: 'invalid', message });
  });
}

test('a profile too large for the kernel is refused', () => {
  const args = [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }];
  const rules = Array.from({ length: 900 }, () => ({ names: ['kill'], action: 'SCMP_ACT_ALLOW', args }));
  assert.throws(() => compileSeccomp(refusing(rules), 'X86_64'), { kind: 'invalid', message: /too large/ });
});

test('code so long that it is jumped over from afar is still right', () => {
  const args = [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }];
  const rules = ['read', 'kill', 'listns'].flatMap((name) =>
    Array.from({ length: 100 }, () => ({ names: [name], action: 'SCMP_ACT_LOG', args })),
  );
  const program = compileSeccomp({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: rules }, 'X86_64');
  for (const name of ['read', 'kill', 'listns']) {
    assert.equal(run(program, { name, args: [1] }), 'log');
    assert.equal(run(program, { name, args: [2] }), 'errno 1');
  }
  assert.equal(run(program, { name: 'write', args: [1] }), 'errno 1');
});

const CLONE_NEWUSER = 0x10000000;
const everywhere: [call: Call, plain: string, withSysAdmin: string][] = [
  [{ name: 'read' }, 'allow', 'allow'],
  [{ name: 'mount' }, 'errno 1', 'allow'],
  [{ name: 'clone', args: [0x11] }, 'allow', 'allow'],
  [{ name: 'clone', args: [CLONE_NEWUSER | 0x11] }, 'errno 1', 'allow'],
  [{ name: 'clone3' }, 'errno 38', 'allow'],
  [{ name: 'socket', args: [2, 1] }, 'allow', 'allow'],
  [{ name: 'socket', args: [38, 5] }, 'errno 1', 'errno 1'],
  [{ name: 'socket', args: [39, 5] }, 'allow', 'allow'],
  [{ name: 'socket', args: [40, 1] }, 'errno 1', 'errno 1'],
  [{ name: 'socket', args: [0x1_0000_0028, 1] }, 'errno 1', 'errno 1'],
  [{ name: 'socket', args: [45, 1] }, 'allow', 'allow'],
  [{ name: 'personality', args: [0xffffffff] }, 'allow', 'allow'],
  [{ name: 'personality', args: [0x40000] }, 'errno 1', 'errno 1'],
  [{ name: 'ptrace' }, 'allow', 'allow'],
  [{ name: 'keyctl' }, 'errno 1', 'errno 1'],
  [{ name: 'io_uring_setup' }, 'errno 1', 'errno 1'],
  [{ name: 'bpf' }, 'errno 1', 'allow'],
  [{ name: 'chroot' }, 'errno 1', 'errno 1'],
  [{ name: 600 }, 'errno 38', 'errno 38'],
];
const machines: [abi: SyscallAbi, native: SyscallAbi, arch: string][] = [
  ['X86_64', 'X86_64', 'amd64'],
  ['X86', 'X86_64', 'amd64'],
  ['AARCH64', 'AARCH64', 'arm64'],
  ['ARM', 'AARCH64', 'arm64'],
];
for (const [abi, native, arch] of machines) {
  test(`the default profile for ${abi} programs on ${arch}`, () => {
    const context = { kernelVersion: '6.1.0', arch };
    const plain = compileSeccomp(defaultSeccomp({ ...context, capabilities: [] }), native);
    const admin = compileSeccomp(defaultSeccomp({ ...context, capabilities: ['CAP_SYS_ADMIN'] }), native);
    for (const [call, want, wantWithSysAdmin] of everywhere) {
      const label = JSON.stringify(call);
      assert.equal(run(plain, { ...call, abi }), want, label);
      assert.equal(run(admin, { ...call, abi }), wantWithSysAdmin, `${label} with CAP_SYS_ADMIN`);
    }
  });
}

test('one profile is compiled once', () => {
  const context = { capabilities: ['CAP_CHOWN'], kernelVersion: '6.1.0', arch: 'amd64' };
  const again = { ...context, capabilities: ['CAP_CHOWN'] };
  assert.equal(
    compileSeccomp(defaultSeccomp(context), 'X86_64'),
    compileSeccomp(defaultSeccomp(again), 'X86_64'),
  );
});
