import { closeSync, openSync } from 'node:fs';
import type { DeviceRule } from '#oci/runtime-spec.ts';
import { type DeviceException, type DevicePolicy, devicePolicy } from './device-rules.ts';
import { O } from './files.ts';
import { nr } from './numbers.ts';
import { address, checked, sys, systemError } from './sys.ts';

/** linux/bpf.h */
const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_PROG_DETACH = 9;
const BPF_PROG_GET_FD_BY_ID = 13;
const BPF_PROG_QUERY = 16;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
const BPF_F_ALLOW_MULTI = 2;
const BPF_F_REPLACE = 4;
const DEVICE_TYPE = { b: 1, c: 2 } as const; // BPF_DEVCG_DEV_*
const ACCESS = { m: 1, r: 2, w: 4 } as const; // BPF_DEVCG_ACC_*

/** Instructions: `BPF_CLASS | BPF_SIZE or BPF_OP | BPF_MODE or BPF_SRC`. linux/bpf_common.h, linux/bpf.h */
const LOAD_32 = 0x61;
const AND_32 = 0x54;
const RSH_32 = 0x74;
const MOV_32_REGISTER = 0xbc;
const MOV_64 = 0xb7;
const JUMP_NOT_EQUAL = 0x55;
const JUMP_EQUAL = 0x15;
const EXIT = 0x95;

/** Registers: 0 is the answer, 1 the context; the rest hold what was asked. */
const R = { answer: 0, context: 1, type: 2, access: 3, major: 4, minor: 5, scratch: 6 } as const;

interface Instruction {
  readonly code: number;
  readonly to: number;
  readonly from?: number;
  readonly offset?: number;
  readonly value?: number;
}

/**
 * Compiles device rules to the eBPF program that cgroup v2 asks about each mknod and open: 1 lets it, 0 refuses.
 *
 * @see struct bpf_cgroup_dev_ctx in linux/bpf.h: access in the high half of the first word, type in the low
 */
export function compileDevices(rules: readonly DeviceRule[]): Uint8Array {
  const policy = devicePolicy(rules);
  return encode([
    { code: LOAD_32, to: R.type, from: R.context, offset: 0 },
    { code: MOV_32_REGISTER, to: R.access, from: R.type },
    { code: AND_32, to: R.type, value: 0xffff },
    { code: RSH_32, to: R.access, value: 16 },
    { code: LOAD_32, to: R.major, from: R.context, offset: 4 },
    { code: LOAD_32, to: R.minor, from: R.context, offset: 8 },
    ...policy.exceptions.flatMap((exception) => compileException(exception, policy)),
    ...answer(policy.allowsByDefault),
  ]);
}

/** An exception that allows must cover all that is asked; one that denies need only touch it. */
function compileException(exception: DeviceException, policy: DevicePolicy): Instruction[] {
  const checks: Omit<Instruction, 'offset'>[] = [
    { code: JUMP_NOT_EQUAL, to: R.type, value: DEVICE_TYPE[exception.type] },
    ...accessChecks(exception.access, policy.allowsByDefault),
    ...(exception.major === undefined ? [] : [{ code: JUMP_NOT_EQUAL, to: R.major, value: exception.major }]),
    ...(exception.minor === undefined ? [] : [{ code: JUMP_NOT_EQUAL, to: R.minor, value: exception.minor }]),
  ];
  const block = [...checks, ...answer(!policy.allowsByDefault)];
  const isJump = (one: { code: number }): boolean => one.code === JUMP_NOT_EQUAL || one.code === JUMP_EQUAL;
  return block.map((one, index) => (isJump(one) ? { ...one, offset: block.length - index - 1 } : one));
}

function accessChecks(access: string, deny: boolean): Omit<Instruction, 'offset'>[] {
  const mask = [...access].reduce((bits, letter) => bits | ACCESS[letter as keyof typeof ACCESS], 0);
  if (mask === (ACCESS.m | ACCESS.r | ACCESS.w)) return [];
  return [
    { code: MOV_32_REGISTER, to: R.scratch, from: R.access },
    { code: AND_32, to: R.scratch, value: deny ? mask : ~mask },
    { code: deny ? JUMP_EQUAL : JUMP_NOT_EQUAL, to: R.scratch, value: 0 },
  ];
}

const answer = (allows: boolean): Instruction[] => [
  { code: MOV_64, to: R.answer, value: allows ? 1 : 0 },
  { code: EXIT, to: 0 },
];

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach((one, index) => {
    bytes.writeUInt8(one.code, index * 8);
    bytes.writeUInt8(one.to | ((one.from ?? 0) << 4), index * 8 + 1);
    bytes.writeInt16LE(one.offset ?? 0, index * 8 + 2);
    bytes.writeInt32LE(one.value ?? 0, index * 8 + 4);
  });
  return bytes;
}

/** Lets only these devices be used in the cgroup v2 group, instead of what was attached to it before. */
export function attachDevices(directory: string, rules: readonly DeviceRule[]): void {
  const group = openSync(directory, O.RDONLY | O.DIRECTORY);
  try {
    const program = load(compileDevices(rules));
    try {
      replaceAll(group, program);
    } finally {
      closeSync(program);
    }
  } finally {
    closeSync(group);
  }
}

function load(instructions: Uint8Array): number {
  const license = Buffer.from('Apache-2.0\0');
  const attributes = Buffer.alloc(64);
  attributes.writeUInt32LE(BPF_PROG_TYPE_CGROUP_DEVICE, 0);
  attributes.writeUInt32LE(instructions.length / 8, 4);
  attributes.writeBigUInt64LE(address(instructions), 8);
  attributes.writeBigUInt64LE(address(license), 16);
  return checked('bpf load of the device rules', sys(nr.bpf, BPF_PROG_LOAD, attributes, attributes.length));
}

/** At no moment is the group without rules: the new program is there before the old ones go. */
function replaceAll(group: number, program: number): void {
  const old = attached(group);
  try {
    if (old.length === 1) attach(group, program, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, old[0]);
    else {
      attach(group, program, BPF_F_ALLOW_MULTI);
      for (const one of old) prog(BPF_PROG_DETACH, group, one, 0);
    }
  } finally {
    for (const one of old) closeSync(one);
  }
}

function attach(group: number, program: number, flags: number, replaced = 0): void {
  checked('bpf attach of the device rules', prog(BPF_PROG_ATTACH, group, program, flags, replaced));
}

function prog(command: number, group: number, program: number, flags: number, replaced = 0): number {
  const attributes = new Uint8Array(
    Uint32Array.of(group, program, BPF_CGROUP_DEVICE, flags, replaced).buffer,
  );
  return sys(nr.bpf, command, attributes, attributes.length);
}

/** Descriptors of the device programs of this very group. */
function attached(group: number): number[] {
  const ids = Buffer.alloc(64 * 4);
  const attributes = Buffer.alloc(32);
  attributes.writeUInt32LE(group, 0);
  attributes.writeUInt32LE(BPF_CGROUP_DEVICE, 4);
  attributes.writeBigUInt64LE(address(ids), 16);
  attributes.writeUInt32LE(ids.length / 4, 24);
  checked('bpf query', sys(nr.bpf, BPF_PROG_QUERY, attributes, attributes.length));
  const count = attributes.readUInt32LE(24);
  return Array.from({ length: count }, (_, index) => programOf(ids.readUInt32LE(index * 4)));
}

function programOf(id: number): number {
  const attributes = Buffer.alloc(12);
  attributes.writeUInt32LE(id, 0);
  const result = sys(nr.bpf, BPF_PROG_GET_FD_BY_ID, attributes, attributes.length);
  if (result < 0) throw systemError('bpf program by id', -result);
  return result;
}
