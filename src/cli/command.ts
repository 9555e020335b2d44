import type { Connection } from '#client/connection.ts';
import type { Daemon } from '#client/daemon.ts';
import type { Config } from './config.ts';
import type { FlagSet, Parsed } from './flags.ts';

/** What a command may use. The daemon and the configuration file are looked at when first asked for. */
export interface Cli {
  readonly daemon: Daemon;
  /** A connection to the daemon for whoever speaks to it himself. */
  connect(): Promise<Connection>;
  /** The address of the daemon, as messages name it. */
  readonly host: string;
  readonly debug: boolean;
  readonly config: Config;
  /** Writes to standard output, to standard error. */
  out(text: string | Uint8Array): Promise<void>;
  err(text: string | Uint8Array): Promise<void>;
}

/** A command: what its help text says, its flags, and what it does. The number is the exit code, none is 0. */
export interface Command<F extends FlagSet = FlagSet> {
  /** The synopsis without the program's name: `run [OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly usage: string | readonly string[];
  readonly about: string;
  readonly details?: string;
  /** Every name of it, without the program's: `container run`. */
  readonly aliases?: readonly string[];
  readonly flags: F;
  readonly args: Arity;
  /** Flags may not follow arguments. */
  readonly flagsFirst?: boolean;
  run(cli: Cli, parsed: Parsed<F>): Promise<number | undefined> | Promise<void>;
}

/** Fixes the types of a command's flags. */
export const command = <F extends FlagSet>(definition: Command<F>): Command<F> => definition;

/** How many arguments a command takes. */
export interface Arity {
  readonly min: number;
  readonly max: number;
}
export const exactly = (count: number): Arity => ({ min: count, max: count });
export const atLeast = (count: number): Arity => ({ min: count, max: Number.POSITIVE_INFINITY });
export const atMost = (count: number): Arity => ({ min: 0, max: count });
export const between = (min: number, max: number): Arity => ({ min, max });

/** Ends a command with a message on standard error (none when it is empty) and an exit code. */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Docker's complaint about the number of arguments, or undefined when it is right. */
export function arityError(name: string, { min, max }: Arity, count: number): string | undefined {
  if (count >= min && count <= max) return undefined;
  const plural = (n: number) => (n === 1 ? 'argument' : 'arguments');
  if (max === 0) return `'${name}' accepts no arguments`;
  if (min === max) return `'${name}' requires ${min} ${plural(min)}`;
  if (count < min && max === Number.POSITIVE_INFINITY)
    return `'${name}' requires at least ${min} ${plural(min)}`;
  if (min === 0) return `'${name}' requires at most ${max} ${plural(max)}`;
  return `'${name}' requires at least ${min} and at most ${max} ${plural(max)}`;
}

/**
 * Does the same to each of several names. Failures don't stop the rest: they are printed together at the end.
 *
 * @returns 1 when one failed
 */
export async function forEach(
  cli: Cli,
  names: readonly string[],
  {
    act,
    atOnce = 50,
  }: { act: (name: string) => Promise<string | undefined> | Promise<void>; atOnce?: number },
): Promise<number> {
  const failures: string[] = [];
  const pending = [...names];
  const running: { name: string; outcome: Promise<{ said?: string | undefined; failed?: string }> }[] = [];
  const launch = () => {
    const name = pending.shift();
    if (name === undefined) return;
    const outcome = (act(name) as Promise<string | undefined>).then(
      (said) => ({ said }),
      (error: unknown) => ({ failed: describe(error) }),
    );
    running.push({ name, outcome });
  };
  for (let i = 0; i < atOnce; i++) launch();
  for (let next = running.shift(); next !== undefined; next = running.shift()) {
    const { said, failed } = await next.outcome;
    launch();
    if (failed !== undefined) failures.push(failed);
    else if (said !== undefined) await cli.out(`${said}\n`);
  }
  if (failures.length === 0) return 0;
  throw new Failure(failures.join('\n'));
}

/** An error as a person reads it: what the daemon answered says so. */
export function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isDaemonError(error) ? `Error response from daemon: ${message}` : message;
}

export const isDaemonError = (error: unknown): error is Error & { status: number; kind: string } =>
  error instanceof Error && 'status' in error;
