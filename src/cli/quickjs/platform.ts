import { findText } from './files.ts';
import { call, checked, host, machine } from './host.ts';
import { pollIn, ready } from './loop.ts';
import { output } from './output.ts';
import { sha256Hex as sha256OfBytes } from './sha256.ts';
import { isTerminal, rawTerminal } from './terminal.ts';

/** The platform of the command line (`../platform.ts`) on the small host: the same names, done by system calls. */

export type { Output } from '../platform.ts';
export { unixConnect } from './connection.ts';
export * from './files.ts';
export { onSignals, rawTerminal, signalNames, terminalSize } from './terminal.ts';
export * from './trees.ts';

export const args: readonly string[] = host.args.slice(1);
export const env: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  host.env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
);

export const stdout = output(1);
export const stderr = output(2);

/** Ends the process once what was written has left. */
export function exit(code: number): never {
  stdout.flush();
  stderr.flush();
  call('exit', code);
  throw new Error('exit');
}

export const stdin = {
  get isTerminal(): boolean {
    return isTerminal(0);
  },

  /** The bytes of standard input as they come. To be called once. */
  async *read(): AsyncGenerator<Uint8Array, void, void> {
    for (let bytes = await readInput(); bytes.length > 0; bytes = await readInput()) yield bytes;
  },

  /** One line, without its end. */
  async line(): Promise<string> {
    const letters: number[] = [];
    for (let byte = await readInput(1); byte.length > 0 && byte[0] !== 10; byte = await readInput(1)) {
      letters.push(byte[0]!);
    }
    return letters.length === 0 ? '' : host.decode(Uint8Array.from(letters)).replace(/\r$/, '');
  },
};

/** A line typed unseen; Ctrl-C ends the process. */
export async function secretLine(): Promise<string> {
  using _raw = rawTerminal();
  let typed = '';
  for (;;) {
    const bytes = await readInput();
    if (bytes.length === 0) return typed;
    for (const key of host.decode(bytes)) {
      if (key === '\r' || key === '\n' || key === '\x04') return typed;
      if (key === '\x03') exit(130);
      typed = key === '\x7f' || key === '\b' ? typed.slice(0, -1) : typed + key;
    }
  }
}

async function readInput(most = 1 << 16): Promise<Uint8Array> {
  await ready(0, pollIn);
  const buffer = new Uint8Array(most);
  const length = call('read', 0, buffer, most);
  if (length === -5) return buffer.subarray(0, 0); // EIO: the terminal is gone
  return buffer.subarray(0, checked('read', length));
}

export const sha256Hex = (text: string): string => sha256OfBytes(new Uint8Array(host.encode(text)));

export function home(): string {
  if (env['HOME']) return env['HOME'];
  const root = findText('/etc/passwd')
    ?.split('\n')
    .find((line) => line.split(':')[2] === '0');
  return root?.split(':')[5] ?? '/';
}

export const platformName = (): string => 'linux';
export const architecture = (): string => ({ x86_64: 'x64', aarch64: 'arm64' })[machine] ?? machine;
export const runtimeVersion = (): string => 'quickjs2021-03-27';

/** Runs a program to its end, with a text on its standard input. */
export function runProgram(
  program: string,
  programArgs: readonly string[],
  input: string,
): { code: number | undefined; output: string } {
  const [inRead, inWrite] = pipe();
  const [outRead, outWrite] = pipe();
  const pid = host.spawn(program, [program, ...programArgs], host.env, [inRead, outWrite, 2]);
  call('close', inRead);
  call('close', outWrite);
  if (pid > 0) call('write', inWrite, input, new Uint8Array(host.encode(input)).length);
  call('close', inWrite);
  const parts: string[] = [];
  for (let length = 1; pid > 0 && length > 0; ) {
    const buffer = new Uint8Array(4096);
    length = call('read', outRead, buffer, buffer.length);
    if (length > 0) parts.push(host.decode(buffer.subarray(0, length)));
  }
  call('close', outRead);
  checked(`spawn ${program}`, pid);
  const status = new Int32Array(1);
  call('wait4', pid, status, 0, null);
  const exited = (status[0]! & 0x7f) === 0;
  return { code: exited ? (status[0]! >> 8) & 0xff : undefined, output: parts.join('') };
}

function pipe(): [number, number] {
  const ends = new Int32Array(2);
  checked('pipe', call('pipe2', ends, 0x80000));
  return [ends[0]!, ends[1]!];
}
