import { invalid } from '#base/errors.ts';
import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import { and, BPF, branch, type Instruction, load } from './bpf-assembler.ts';

/** A condition on one of a system call's six arguments. */
export type Comparison = NonNullable<NonNullable<RuntimeSeccomp['syscalls']>[number]['args']>[number];

/** Where an argument's halves are in struct seccomp_data, little-endian. linux/seccomp.h */
const lowHalf = (index: number): number => 16 + index * 8;
const highHalf = (index: number): number => lowHalf(index) + 4;

/**
 * Runs `then` when the comparison holds, else goes on behind it. An argument is 64 bits and BPF compares 32, so the
 * high half is looked at first and the low one where that does not decide.
 *
 * @throws {EngineError} `invalid` for an operator or argument that there is none of
 */
export function compare(comparison: Comparison, then: readonly Instruction[]): Instruction[] {
  const { index, op } = comparison;
  if (index < 0 || index > 5) throw invalid(`invalid seccomp argument index: ${index}`);
  const [high, low] = halves(comparison.value);
  const skip = then.length;
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
        ...then,
      ];
    case 'SCMP_CMP_NE':
      return [
        load(highHalf(index)),
        branch(BPF.IF_EQUAL, high, 0, 2),
        load(lowHalf(index)),
        branch(BPF.IF_EQUAL, low, skip, 0),
        ...then,
      ];
    case 'SCMP_CMP_GT':
      return [...ordered(BPF.IF_ABOVE, true), ...then];
    case 'SCMP_CMP_GE':
      return [...ordered(BPF.IF_AT_LEAST, true), ...then];
    case 'SCMP_CMP_LT':
      return [...ordered(BPF.IF_AT_LEAST, false), ...then];
    case 'SCMP_CMP_LE':
      return [...ordered(BPF.IF_ABOVE, false), ...then];
    case 'SCMP_CMP_MASKED_EQ':
      return [...masked(comparison, skip), ...then];
    default:
      throw invalid(`string ${op} is not a valid operator for seccomp`);
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
