import type { Connect, Connection } from '#client/connection.ts';

export * from './platform-trees.ts';

/**
 * Everything that the command line asks of its host: bytes in and out, files, processes, signals, the terminal.
 *
 * Only this file and `platform-trees.ts` touch Node's or Bun's own calls. Under Bun the lean ones are used: loading
 * `process.stdout` or `node:net` costs more than the rest of a short command.
 */

interface BunSink {
  write(bytes: Uint8Array | string): number | Promise<number>;
  flush(): number | Promise<number>;
}
interface BunSocket {
  write(bytes: Uint8Array): number;
  shutdown(): void;
  end(): void;
  pause(): void;
  resume(): void;
}
interface BunHost {
  stdout: { writer(): BunSink };
  stderr: { writer(): BunSink };
  stdin: { stream(): ReadableStream<Uint8Array> };
  file(path: string): { text(): Promise<string> };
  connect(options: {
    unix: string;
    allowHalfOpen: boolean;
    socket: Record<string, unknown>;
  }): Promise<BunSocket>;
}

const bun = (globalThis as { Bun?: BunHost }).Bun;
const encoder = new TextEncoder();

export const args: readonly string[] = process.argv.slice(2);
export const env: Readonly<Record<string, string | undefined>> = process.env;

// ---- output

export interface Output {
  /** Resolves when the bytes have left: a slow reader holds the writer back. */
  write(text: string | Uint8Array): Promise<void>;
  /** Whether it goes to a terminal; asked late, since finding out costs 2 ms. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

export const stdout: Output = output(1);
export const stderr: Output = output(2);

function output(fd: 1 | 2): Output {
  let sink: BunSink | undefined;
  let terminal: boolean | undefined;
  const bunWrite = async (text: string | Uint8Array) => {
    sink ??= (fd === 1 ? bun!.stdout : bun!.stderr).writer();
    await sink.write(text);
    await sink.flush();
  };
  const nodeWrite = (text: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      (fd === 1 ? process.stdout : process.stderr).write(text, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  return {
    write: bun ? bunWrite : nodeWrite,
    get isTerminal() {
      terminal ??= isTerminal(fd);
      return terminal;
    },
    get columns() {
      return (fd === 1 ? process.stdout : process.stderr).columns || 0;
    },
  };
}

/** Ends the process once what was written has left. */
export function exit(code: number): never {
  process.exit(code);
}

function isTerminal(fd: number): boolean {
  return module<typeof import('node:tty')>('node:tty').isatty(fd);
}

/** A built-in module, loaded when first needed and without waiting. */
function module<T>(name: string): T {
  return process.getBuiltinModule(name) as T;
}

const fs = () => module<typeof import('node:fs')>('node:fs');

// ---- input

export const stdin = {
  get isTerminal(): boolean {
    return isTerminal(0);
  },

  /** The bytes of standard input as they come. To be called once. */
  async *read(): AsyncGenerator<Uint8Array, void, void> {
    if (bun && !isTerminal(0)) yield* bun.stdin.stream();
    else for await (const chunk of process.stdin) yield chunk as Uint8Array;
  },

  /** One line, without its end; echo can be off. */
  async line(): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of process.stdin) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const end = text.indexOf('\n');
      if (end >= 0) {
        process.stdin.pause();
        return text.slice(0, end).replace(/\r$/, '');
      }
    }
    return text;
  },
};

// ---- terminal

/** One line that is not shown as it is typed. */
export async function secretLine(): Promise<string> {
  using _raw = rawTerminal();
  let typed = '';
  for await (const chunk of process.stdin) {
    for (const key of String(chunk)) {
      if (key === '\r' || key === '\n' || key === '\x04') {
        process.stdin.pause();
        return typed;
      }
      if (key === '\x03') process.exit(130);
      typed = key === '\x7f' || key === '\b' ? typed.slice(0, -1) : typed + key;
    }
  }
  return typed;
}

/** Hands every key to the program: no echo, no line editing, no signals. Disposing gives the terminal back. */
export function rawTerminal(): Disposable {
  process.stdin.setRawMode(true);
  // setRawMode leaves output processing on: what comes has its line ends already
  const { spawnSync } = module<typeof import('node:child_process')>('node:child_process');
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  return { [Symbol.dispose]: () => void process.stdin.setRawMode(false) };
}

export function terminalSize(): { rows: number; columns: number } | undefined {
  const { columns, rows } = process.stdout.isTTY ? process.stdout : process.stderr;
  return columns > 0 && rows > 0 ? { rows, columns } : undefined;
}

// ---- signals

/** Calls back for each of the named signals in place of their effect. Disposing restores it. */
export function onSignals(names: readonly string[], heard: (name: string) => void): Disposable {
  for (const name of names) process.on(name, heard);
  return {
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, heard);
    },
  };
}

export const signalNames = (): readonly string[] =>
  Object.keys(module<typeof import('node:os')>('node:os').constants.signals);

// ---- files

export function readText(path: string): string {
  return fs().readFileSync(path, 'utf8');
}

/** The text of a small file, read while other things are done; undefined when there is no such file. */
export async function loadText(path: string): Promise<string | undefined> {
  if (bun === undefined) return findText(path);
  try {
    return await bun.file(path).text();
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined when there is no such file. */
export function findText(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a whole file under another name and renames it into place, readable by its owner alone. */
export function replaceText(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  fs().mkdirSync(module<typeof import('node:path')>('node:path').dirname(path), {
    recursive: true,
    mode: 0o700,
  });
  fs().writeFileSync(temporary, text, { mode: 0o600 });
  fs().renameSync(temporary, path);
}

/** Creates a file that must not exist yet. */
export function createText(path: string, text: string): void {
  fs().writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
}

export function exists(path: string): boolean {
  return fs().existsSync(path);
}

export function isDirectory(path: string): boolean {
  return fs().statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export function remove(path: string): void {
  fs().rmSync(path, { force: true });
}

export function absolute(path: string): string {
  return module<typeof import('node:path')>('node:path').resolve(path);
}

export async function* readFile(path: string): AsyncGenerator<Uint8Array, void, void> {
  yield* fs().createReadStream(path, { highWaterMark: 1 << 20 });
}

/** Writes a stream to a file that appears under its name once it is whole. */
export async function writeFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await fs().promises.open(temporary, 'w', 0o600);
  try {
    for await (const chunk of bytes) await file.write(chunk);
    await file.close();
    fs().renameSync(temporary, path);
  } catch (error) {
    await file.close();
    fs().rmSync(temporary, { force: true });
    throw error;
  }
}

export const sha256Hex = (text: string): string =>
  module<typeof import('node:crypto')>('node:crypto').createHash('sha256').update(text).digest('hex');

export const home = (): string => env['HOME'] ?? module<typeof import('node:os')>('node:os').homedir();
export const platformName = (): string => process.platform;
export const architecture = (): string => process.arch;
export const runtimeVersion = (): string =>
  bun ? `bun${process.versions['bun']}` : `node${process.versions.node}`;

// ---- processes

/** Runs a program to its end, with a text on its standard input. */
export function runProgram(
  program: string,
  programArgs: readonly string[],
  input: string,
): { code: number | undefined; output: string } {
  const { spawnSync } = module<typeof import('node:child_process')>('node:child_process');
  const ended = spawnSync(program, programArgs, {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (ended.error !== undefined) throw ended.error;
  return { code: ended.status ?? undefined, output: ended.stdout };
}

// ---- connections

/** Opens connections to a Unix socket. Other addresses go by `client/node-connect.ts`. */
export function unixConnect(path: string): Connect {
  return bun
    ? () => bunConnect(path)
    : async () => (await import('#client/node-connect.ts')).connectUnix(path);
}

async function bunConnect(path: string): Promise<Connection> {
  const { ByteQueue } = await import('#client/byte-queue.ts');
  let drained: (() => void) | undefined;
  let broken: Error | undefined;
  const queue = new ByteQueue({ limit: 1 << 20, drained: () => socket.resume() });
  const ended = (error?: Error) => {
    broken = error ?? new Error('the connection is closed');
    queue.end(error);
    drained?.();
  };
  const socket = await bun!.connect({
    unix: path,
    allowHalfOpen: true,
    socket: {
      // Bun uses its buffer again: what is kept must be a copy
      data: (_: unknown, bytes: Uint8Array) => {
        queue.push(new Uint8Array(bytes));
        if (queue.full) socket.pause();
      },
      end: () => queue.end(),
      close: () => ended(),
      error: (_: unknown, error: Error) => ended(error),
      drain: () => drained?.(),
    },
  });
  return {
    read: () => queue.read(),
    write: async (data) => {
      let bytes = typeof data === 'string' ? encoder.encode(data) : data;
      while (bytes.length > 0) {
        const taken = broken ? -1 : socket.write(bytes);
        if (taken < 0) throw broken ?? new Error('broken pipe');
        bytes = bytes.subarray(taken);
        if (bytes.length > 0) await new Promise<void>((resolve) => (drained = resolve));
      }
    },
    endWriting: () => socket.shutdown(),
    close: () => socket.end(),
  };
}
