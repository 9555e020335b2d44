/** Classic BPF, of which seccomp takes a part: codes of struct sock_filter. linux/bpf_common.h, linux/filter.h */
export const BPF = {
  LOAD: 0x20, // BPF_LD | BPF_W | BPF_ABS
  AND: 0x54, // BPF_ALU | BPF_AND | BPF_K
  JUMP: 0x05, // BPF_JMP | BPF_JA
  IF_EQUAL: 0x15, // BPF_JMP | BPF_JEQ | BPF_K
  IF_ABOVE: 0x25, // BPF_JMP | BPF_JGT | BPF_K
  IF_AT_LEAST: 0x35, // BPF_JMP | BPF_JGE | BPF_K
  RETURN: 0x06, // BPF_RET | BPF_K
} as const;

/** One instruction. `then` and `otherwise` are how many instructions a condition skips. */
export interface Instruction {
  readonly code: number;
  readonly value: number;
  readonly then?: number;
  readonly otherwise?: number;
}

export const load = (offset: number): Instruction => ({ code: BPF.LOAD, value: offset });
export const and = (mask: number): Instruction => ({ code: BPF.AND, value: mask });
export const jump = (skip: number): Instruction => ({ code: BPF.JUMP, value: skip });
export const give = (value: number): Instruction => ({ code: BPF.RETURN, value });

/** A condition whose consequences are said in instructions to skip. */
export const branch = (code: number, value: number, then: number, otherwise: number): Instruction => ({
  code,
  value,
  then,
  otherwise,
});

/** `test value ? yes : no`, of code that ends by itself in both. A long first part is jumped over by a far jump. */
export function choose(
  code: number,
  value: number,
  yes: readonly Instruction[],
  no: readonly Instruction[],
): Instruction[] {
  const farthest = 255;
  if (no.length <= farthest) return [branch(code, value, no.length, 0), ...no, ...yes];
  return [branch(code, value, 0, 1), jump(no.length), ...no, ...yes];
}

/** The bytes of a program: 8 an instruction, as struct sock_filter in the machine's (little-endian) order. */
export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, value, then = 0, otherwise = 0 }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(then, index * 8 + 2);
    bytes.writeUInt8(otherwise, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  });
  return bytes;
}
