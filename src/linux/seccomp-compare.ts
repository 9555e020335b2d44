import { type EngineError, invalid } from '#base/errors.ts';
import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import { and, BPF, branch, type Instruction, load } from './bpf-assembler.ts';

/** A condition on one of a system call's six arguments. */
export type Comparison = NonNullable<NonNullable<RuntimeSeccomp['syscalls']>[number]['args']>[number];

/** Where an argument's halves are in struct seccomp_data, little-endian. linux/seccomp.h */
const lowHalf = (index: number): number => 16 + index * 8;
const highHalf = (index: number): number => lowHalf(index) + 4;

/**
 * Runs `then` when the comparison holds, else goes on behind it.
 *
 * @param bits how wide the ABI's arguments are. Of 32, the kernel may pass on the register's upper half as it was, which
 *   the system call will not look at and neither must the filter.
 * @throws {EngineError} `invalid` for an operator or argument that there is none of
 */
export function compare(comparison: Comparison, bits: 32 | 64, then: readonly Instruction[]): Instruction[] {
  const { index } = comparison;
  if (index < 0 || index > 5) throw invalid(`invalid seccomp argument index: ${index}`);
  return [
    ...(bits === 32 ? compareLow(comparison, then.length) : compareWhole(comparison, then.length)),
    ...then,
  ];
}

/** Passes over the next `skip` instructions unless the argument's low half compares. */
function compareLow({ index, op, value, valueTwo = 0 }: Comparison, skip: number): Instruction[] {
  const low = halves(value)[1];
  const argument = load(lowHalf(index));
  switch (op) {
    case 'SCMP_CMP_EQ':
      return [argument, branch(BPF.IF_EQUAL, low, 0, skip)];
    case 'SCMP_CMP_NE':
      return [argument, branch(BPF.IF_EQUAL, low, skip, 0)];
    case 'SCMP_CMP_GT':
      return [argument, branch(BPF.IF_ABOVE, low, 0, skip)];
    case 'SCMP_CMP_GE':
      return [argument, branch(BPF.IF_AT_LEAST, low, 0, skip)];
    case 'SCMP_CMP_LT':
      return [argument, branch(BPF.IF_AT_LEAST, low, skip, 0)];
    case 'SCMP_CMP_LE':
      return [argument, branch(BPF.IF_ABOVE, low, skip, 0)];
    case 'SCMP_CMP_MASKED_EQ':
      return [argument, and(low), branch(BPF.IF_EQUAL, halves(valueTwo)[1], 0, skip)];
    default:
      throw unknownOperator(op);
  }
}

/** The same of all 64 bits. BPF compares 32, so the high half is looked at first, and the low one if that does not decide. */
function compareWhole(comparison: Comparison, skip: number): Instruction[] {
  const { index, op } = comparison;
  const [high, low] = halves(comparison.value);
  /** Decides by `lowTest` when the high halves are equal, else by which is above. */
  const ordered = (lowTest: number, wantsAbove: boolean): Instruction[] => {
    const whenAbove = wantsAbove ? 0 : skip;
    const whenBelow = wantsAbove ? skip : 0;
    return [
      load(highHalf(index)),
      branch(BPF.IF_ABOVE, high, whenAbove + 3, 0),
      branch(BPF.IF_EQUAL, high, 0, whenBelow + 2),
      load(lowHalf(index)),
      branch(lowTest, low, whenAbove, whenBelow),
    ];
  };
  switch (op) {
    case 'SCMP_CMP_EQ':
      return [
        load(highHalf(index)),
        branch(BPF.IF_EQUAL, high, 0, skip + 2),
        load(lowHalf(index)),
        branch(BPF.IF_EQUAL, low, 0, skip),
      ];
    case 'SCMP_CMP_NE':
      return [
        load(highHalf(index)),
        branch(BPF.IF_EQUAL, high, 0, 2),
        load(lowHalf(index)),
        branch(BPF.IF_EQUAL, low, skip, 0),
      ];
    case 'SCMP_CMP_GT':
      return ordered(BPF.IF_ABOVE, true);
    case 'SCMP_CMP_GE':
      return ordered(BPF.IF_AT_LEAST, true);
    case 'SCMP_CMP_LT':
      return ordered(BPF.IF_AT_LEAST, false);
    case 'SCMP_CMP_LE':
      return ordered(BPF.IF_ABOVE, false);
    case 'SCMP_CMP_MASKED_EQ':
      return masked(comparison, skip);
    default:
      throw unknownOperator(op);
  }
}

/** `(argument & value) == valueTwo` */
function masked({ index, value, valueTwo = 0 }: Comparison, skip: number): Instruction[] {
  const [highMask, lowMask] = halves(value);
  const [high, low] = halves(valueTwo);
  return [
    load(highHalf(index)),
    and(highMask),
    branch(BPF.IF_EQUAL, high, 0, skip + 3),
    load(lowHalf(index)),
    and(lowMask),
    branch(BPF.IF_EQUAL, low, 0, skip),
  ];
}

function halves(value: number | bigint): [high: number, low: number] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)];
}

const unknownOperator = (op: string): EngineError =>
  invalid(`string ${op} is not a valid operator for seccomp`);
