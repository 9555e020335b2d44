import assert from 'node:assert/strict';
import test from 'node:test';
import { parseSeccompProfile } from './seccomp-profile.ts';

const context = { capabilities: ['CAP_SYS_ADMIN'], kernelVersion: '5.10.0', arch: 'amd64' };
const profile = (syscalls: unknown[], more: object = {}) =>
  JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls, ...more });
const namesOf = (text: string) => parseSeccompProfile(text, context)?.syscalls?.flatMap(({ names }) => names);

const filters: [what: string, filter: object, kept: boolean][] = [
  ['none', {}, true],
  ['includes arch', { includes: { arches: ['amd64', 'x32'] } }, true],
  ['includes another arch', { includes: { arches: ['arm64'] } }, false],
  ['includes capability', { includes: { caps: ['CAP_SYS_ADMIN'] } }, true],
  ['includes two capabilities', { includes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }, false],
  ['includes kernel', { includes: { minKernel: '4.8' } }, true],
  ['includes newer kernel', { includes: { minKernel: '5.11' } }, false],
  ['excludes arch', { excludes: { arches: ['amd64'] } }, false],
  ['excludes capability', { excludes: { caps: ['CAP_BPF', 'CAP_SYS_ADMIN'] } }, false],
  ['excludes other capability', { excludes: { caps: ['CAP_BPF'] } }, true],
  ['excludes kernel', { excludes: { minKernel: '5.10' } }, false],
  ['null filters', { includes: null, excludes: null, args: null }, true],
];
for (const [what, filter, kept] of filters) {
  test(`a rule that ${what}`, () => {
    const text = profile([{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...filter }]);
    assert.deepEqual(namesOf(text), kept ? ['read'] : []);
  });
}

test('the old form with one name, and the map of architectures', () => {
  const archMap = [
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
  ];
  const text = profile([{ name: 'read', action: 'SCMP_ACT_ALLOW', comment: 'x' }], { archMap });
  assert.deepEqual(parseSeccompProfile(text, context), {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
  });
});

test('a mask wider than a double keeps its every bit', () => {
  const args =
    '[{"index":0,"value":18446744073709551615,"valueTwo":9007199254740993,"op":"SCMP_CMP_MASKED_EQ"}]';
  const text = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","args":${args}}]}`;
  const [argument] = parseSeccompProfile(text, context)!.syscalls![0]!.args!;
  assert.deepEqual([argument!.value, argument!.valueTwo], [18446744073709551615n, 9007199254740993n]);
});

test('a profile that says nothing is none', () => {
  assert.equal(parseSeccompProfile('{}', context), undefined);
});

const refused: [text: string, message: RegExp][] = [
  ['{', /^Decoding seccomp profile failed: /],
  ['[]', /^Decoding seccomp profile failed: profile is not an object/],
  [profile([3]), /^Decoding seccomp profile failed: syscalls is not an object/],
  [profile([{ names: 'read' }]), /^Decoding seccomp profile failed: syscalls.names is not a list/],
  [
    profile([{ names: [1] }]),
    /^Decoding seccomp profile failed: syscalls.names holds something that is no string/,
  ],
  [profile([{ names: ['read'], args: [{ index: 0, value: 1.5 }] }]), /value is not a whole number/],
  [profile([{ name: 'read', names: ['write'] }]), /both 'name' and 'names' are specified/],
  [profile([], { architectures: ['SCMP_ARCH_X86'], archMap: [{}] }), /both 'architectures' and 'archMap'/],
];
for (const [text, message] of refused) {
  test(`refused: ${text}`, () => {
    assert.throws(() => parseSeccompProfile(text, context), { kind: 'invalid', message });
  });
}
