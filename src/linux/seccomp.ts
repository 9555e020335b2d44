import { arch } from 'node:process';
import { invalid, unsupported } from '#base/errors.ts';
import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import { BPF, choose, encode, give, type Instruction, load } from './bpf-assembler.ts';
import { type Comparison, compare } from './seccomp-compare.ts';
import { type SyscallAbi, syscallNumbers } from './syscall-tables.ts';

type Rule = NonNullable<RuntimeSeccomp['syscalls']>[number];

/** Offsets in struct seccomp_data. linux/seccomp.h */
const NUMBER = 0;
const ARCHITECTURE = 4;

/** What the kernel calls each ABI. linux/audit.h (AUDIT_ARCH_*) */
const auditArchitecture: Readonly<Record<SyscallAbi, number>> = {
  X86_64: 0xc000003e,
  X86: 0x40000003,
  AARCH64: 0xc00000b7,
  ARM: 0x40000028,
};

const nativeAbi: Readonly<Record<string, SyscallAbi>> = { x64: 'X86_64', arm64: 'AARCH64' };

/** Numbers from here on are the x32 ABI, which shares x86_64's architecture. asm/unistd.h (__X32_SYSCALL_BIT) */
const x32Bit = 0x40000000;

const EPERM = 1;
const ENOSYS = 38;
/** linux/seccomp.h (SECCOMP_RET_*) */
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
const actions: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: KILL_PROCESS,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: ERRNO,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};
const permissive = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'];
const withErrno = ['SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE'];

/** The kernel's limit. linux/bpf_common.h (BPF_MAXINSNS) */
const maxInstructions = 4096;

/** Numbers from `from` up to the next one's do the same. */
interface Range {
  readonly from: number;
  readonly code: readonly Instruction[];
}

/**
 * Compiles a seccomp profile to the program of `struct sock_filter` that seccomp(2) takes.
 *
 * As with libseccomp under runc: a rule without arguments beats those with; of the others the first that matches wins;
 * names unknown to an ABI are passed over; system calls newer than the newest that a refusing profile names answer
 * ENOSYS, so that programs fall back. Architectures not listed are killed, x32 answers ENOSYS.
 *
 * @param native the machine's own ABI, always included
 * @throws {EngineError} `invalid` for an unknown action, operator or architecture's absence
 * @see OCI config-linux.md § Seccomp; Documentation/userspace-api/seccomp_filter.rst
 */
export function compileSeccomp(
  profile: RuntimeSeccomp,
  native: SyscallAbi | undefined = nativeAbi[arch],
): Uint8Array {
  if (native === undefined) throw unsupported(`Cannot filter system calls on ${arch}`);
  const known = compiled.get(profile);
  if (known?.native === native) return known.program;
  const program = compile(profile, native);
  compiled.set(profile, { native, program });
  return program;
}

/** A profile object is compiled once: that takes two milliseconds, of a start's ten. */
const compiled = new WeakMap<RuntimeSeccomp, { readonly native: SyscallAbi; readonly program: Uint8Array }>();

function compile(profile: RuntimeSeccomp, native: SyscallAbi): Uint8Array {
  const abis = new Set([native, ...(profile.architectures ?? []).flatMap(abiOf)]);
  let program: Instruction[] = [give(KILL_PROCESS)];
  for (const abi of [...abis].reverse()) {
    program = choose(BPF.IF_EQUAL, auditArchitecture[abi], filterOf(profile, abi), program);
  }
  program.unshift(load(ARCHITECTURE));
  if (program.length > maxInstructions) {
    throw invalid(
      `Seccomp profile is too large: ${program.length} instructions, at most ${maxInstructions} are possible`,
    );
  }
  return encode(program);
}

/** Architectures of other machines never call here, so they need no code. */
function abiOf(name: string): SyscallAbi[] {
  const abi = name.replace(/^SCMP_ARCH_/, '');
  if (abi === name) throw invalid(`string ${name} is not a valid arch for seccomp`);
  return abi in auditArchitecture ? [abi as SyscallAbi] : [];
}

function filterOf(profile: RuntimeSeccomp, abi: SyscallAbi): Instruction[] {
  return [load(NUMBER), ...searchTree(rangesOf(profile, abi))];
}

/** A balanced tree of comparisons that leads each number to its range's code. */
function searchTree(ranges: readonly Range[]): Instruction[] {
  if (ranges.length === 1) return [...ranges[0]!.code];
  const middle = ranges.length >> 1;
  const [lower, upper] = [ranges.slice(0, middle), ranges.slice(middle)];
  return choose(BPF.IF_AT_LEAST, upper[0]!.from, searchTree(upper), searchTree(lower));
}

function rangesOf(profile: RuntimeSeccomp, abi: SyscallAbi): Range[] {
  const byDefault = [give(actionOf(profile.defaultAction, profile.defaultErrnoRet))];
  const codes = codeByNumber(profile, abi);
  const starts = new Map<number, readonly Instruction[]>([[0, byDefault]]);
  for (const [number, code] of [...codes].sort(([a], [b]) => a - b)) {
    starts.set(number, code);
    if (!codes.has(number + 1)) starts.set(number + 1, byDefault);
  }
  addUnknown(starts, profile, abi);
  return withoutRepeats([...starts].map(([from, code]) => ({ from, code })).sort((a, b) => a.from - b.from));
}

/** System calls that the profile's author could not know are not refused but unheard of. */
function addUnknown(
  starts: Map<number, readonly Instruction[]>,
  profile: RuntimeSeccomp,
  abi: SyscallAbi,
): void {
  const unheardOf = [give(ERRNO | ENOSYS)];
  if (abi === 'X86_64') starts.set(x32Bit, unheardOf);
  if (permissive.includes(profile.defaultAction) || profile.defaultErrnoRet === ENOSYS) return;
  const numbers = syscallNumbers(abi);
  const named = (profile.syscalls ?? []).flatMap(({ names }) => names.map((name) => numbers.get(name) ?? -1));
  const newest = Math.max(-1, ...named.filter((number) => number < privateCalls));
  if (newest >= 0) {
    for (const from of [...starts.keys()]) if (from > newest && from < privateCalls) starts.delete(from);
    starts.set(newest + 1, unheardOf);
  }
}

/** ARM's own calls, and x32's, lie far above the common numbers. asm/unistd.h (__ARM_NR_BASE) */
const privateCalls = 0x0f0000;

function withoutRepeats(ranges: readonly Range[]): Range[] {
  return ranges.filter(({ code }, index) => {
    const before = ranges[index - 1]?.code;
    return !(code.length === 1 && before?.length === 1 && code[0]!.value === before[0]!.value);
  });
}

/** The code of every system call that rules name, except rules that say no more than the default. */
function codeByNumber(profile: RuntimeSeccomp, abi: SyscallAbi): Map<number, readonly Instruction[]> {
  const byDefault = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  const rules = new Map<number, Rule[]>();
  for (const rule of profile.syscalls ?? []) {
    if (actionOf(rule.action, rule.errnoRet) === byDefault) continue;
    for (const name of rule.names) {
      const number = syscallNumbers(abi).get(name);
      if (number !== undefined) rules.set(number, [...(rules.get(number) ?? []), rule]);
    }
  }
  return new Map([...rules].map(([number, all]) => [number, codeOf(all, abi, byDefault)]));
}

function codeOf(rules: readonly Rule[], abi: SyscallAbi, byDefault: number): Instruction[] {
  const always = rules.find(({ args }) => args === undefined || args.length === 0);
  if (always !== undefined) return [give(actionOf(always.action, always.errnoRet))];
  const matches = rules.flatMap((rule) => alternatives(rule).map((args) => matching(args, abi, rule)));
  return [...matches.flat(), give(byDefault)];
}

/** Conditions on several arguments must all hold; two on one argument are, as in runc, rules of their own. */
function alternatives({ args = [] }: Rule): (readonly Comparison[])[] {
  const repeats = new Set(args.map(({ index }) => index)).size < args.length;
  return repeats ? args.map((one) => [one]) : [args];
}

/** Answers the rule's action when all comparisons hold, else goes on behind itself. */
function matching(args: readonly Comparison[], abi: SyscallAbi, rule: Rule): Instruction[] {
  const answer = [give(actionOf(rule.action, rule.errnoRet))];
  const bits = abi === 'X86' || abi === 'ARM' ? 32 : 64;
  return args.reduceRight<Instruction[]>((rest, one) => compare(one, bits, rest), answer);
}

function actionOf(action: string, errno: number | undefined): number {
  const value = actions[action];
  if (value === undefined) throw invalid(`string ${action} is not a valid action for seccomp`);
  return withErrno.includes(action) ? value | ((errno ?? EPERM) & 0xffff) : value;
}
