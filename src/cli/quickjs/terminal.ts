import { call } from './host.ts';
import { pollIn, watch } from './loop.ts';

/** asm-generic/ioctls.h */
const getAttributes = 0x5401;
const setAttributes = 0x5402;
const getWindowSize = 0x5413;

export const isTerminal = (fd: number): boolean => call('ioctl', fd, getAttributes, new Uint8Array(64)) === 0;

/** Hands every key to the program: no echo, no line editing, no signals (cfmakeraw(3)). Disposing gives the terminal back. */
export function rawTerminal(): Disposable {
  const before = new Uint32Array(16);
  call('ioctl', 0, getAttributes, before);
  const raw = before.slice();
  raw[0]! &= ~0o2753; // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
  raw[1]! &= ~0o1; // OPOST
  raw[2] = (raw[2]! & ~0o460) | 0o60; // CSIZE PARENB; CS8
  raw[3]! &= ~0o100113; // ECHO ECHONL ICANON ISIG IEXTEN
  const keys = new Uint8Array(raw.buffer, 17); // c_cc follows c_line
  keys[5] = 0; // VTIME
  keys[6] = 1; // VMIN
  call('ioctl', 0, setAttributes, raw);
  return { [Symbol.dispose]: () => void call('ioctl', 0, setAttributes, before) };
}

export function terminalSize(): { rows: number; columns: number } | undefined {
  const size = new Uint16Array(4);
  const got = [1, 2, 0].some((fd) => call('ioctl', fd, getWindowSize, size) === 0);
  const [rows = 0, columns = 0] = size;
  return got && rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

/** asm-generic/signal.h, in order from 1. */
const names =
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS'.split(
    ' ',
  );

export const signalNames = (): readonly string[] => names;

/** Calls back for each of the named signals in place of their effect (signalfd(2)). Disposing restores it. */
export function onSignals(wanted: readonly string[], heard: (name: string) => void): Disposable {
  const mask = new BigUint64Array(1);
  for (const name of wanted) {
    const number = names.indexOf(name) + 1;
    if (number > 0) mask[0]! |= 1n << BigInt(number - 1);
  }
  call('rt_sigprocmask', 0, mask, null, 8);
  const fd = call('signalfd4', -1, mask, 8, 0x80800); // SFD_CLOEXEC | SFD_NONBLOCK
  const info = new Uint8Array(128);
  const unwatch = watch(fd, pollIn, () => {
    while (call('read', fd, info, info.length) === info.length) {
      const name = names[info[0]! - 1];
      if (name !== undefined) heard(name);
    }
  });
  return {
    [Symbol.dispose]: () => {
      unwatch();
      call('close', fd);
      call('rt_sigprocmask', 1, mask, null, 8);
    },
  };
}
