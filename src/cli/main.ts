import { openDaemon } from './address.ts';
import { arityError, type Cli, type Command, describe, Failure } from './command.ts';
import { findCommand, type Group, isGroup } from './commands.ts';
import { type Config, openConfig } from './config.ts';
import { FlagError, parseFlags } from './flags.ts';
import { type GlobalFlags, globalFlags } from './global-flags.ts';
import * as platform from './platform.ts';

/** Runs one command line to its end. */
async function main(args: readonly string[]): Promise<number> {
  let globals: ReturnType<typeof parseGlobals>;
  try {
    globals = parseGlobals(args);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    return complain(error.message, 'Usage:  hoist [OPTIONS] COMMAND [ARG...]', 'hoist', 125);
  }
  if (globals.flags.version) return (await import('./version.ts')).printVersion();
  const [first, ...named] = globals.args;
  const found = findCommand(first === 'help' ? [...named, '--help'] : globals.args);
  if (found === undefined) return printGroup(globals.flags.help ? [] : globals.args);
  if (isGroup(found.entry)) return printGroup(globals.args, found.entry);
  const [command, config] = await Promise.all([found.entry.load(), openConfig(globals.flags.config)]);
  return runCommand(calledAs(command, found.path), {
    path: found.path,
    args: found.rest,
    globals: globals.flags,
    config,
  });
}

const parseGlobals = (args: readonly string[]) =>
  parseFlags(globalFlags, args, { interspersed: false, warn: () => {} });

/** The command with the names it was called by in its synopsis: `container ls` for `ps`. */
function calledAs(command: Command, path: string): Command {
  const renamed = (usage: string) => usage.replace(/^[a-z-]+( [a-z-]+)*/, path);
  const { usage } = command;
  return { ...command, usage: typeof usage === 'string' ? renamed(usage) : usage.map(renamed) };
}

interface Invocation {
  readonly path: string;
  readonly args: readonly string[];
  readonly globals: GlobalFlags;
  readonly config: Config;
}

async function runCommand(command: Command, { path, args, globals, config }: Invocation): Promise<number> {
  const name = `hoist ${path}`;
  const usage = async () => (await import('./help.ts')).usageLine(command);
  let parsed: ReturnType<typeof parseFlags>;
  try {
    const options = {
      interspersed: !command.flagsFirst,
      warn: (text: string) => void platform.stderr.write(`${text}\n`),
    };
    parsed = parseFlags({ ...helpFlag, ...command.flags }, args, options);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    return complain(error.message, await usage(), name, 125);
  }
  if (parsed.flags['help']) return printHelp(command);
  const wrong = arityError(name, command.args, parsed.args.length);
  if (wrong !== undefined) {
    const open = command.args.max === Number.POSITIVE_INFINITY;
    return complain(`hoist: ${wrong}`, await usage(), name, 1, open ? 'See' : 'Run');
  }
  return (await command.run(cliOf(globals, config), parsed)) ?? 0;
}

const helpFlag = {
  help: {
    short: 'h',
    type: '',
    usage: 'Print usage',
    initial: false,
    bare: 'true',
    hidden: true,
    read: () => true,
  },
};

function cliOf(globals: GlobalFlags, config: Config): Cli {
  let opened: ReturnType<typeof openDaemon> | undefined;
  const open = () => (opened ??= openDaemon(globals, config));
  return {
    config,
    debug: globals.debug,
    get daemon() {
      return open().daemon;
    },
    connect: () => open().connect(),
    get host() {
      return open().host;
    },
    out: platform.stdout.write,
    err: platform.stderr.write,
  };
}

async function complain(
  message: string,
  usage: string,
  name: string,
  code: number,
  verb = 'Run',
): Promise<number> {
  await platform.stderr.write(`${message}\n\n${usage}\n\n${verb} '${name} --help' for more information\n`);
  return code;
}

async function printHelp(command: Command): Promise<number> {
  const { commandHelp } = await import('./help.ts');
  const { columns } = platform.stdout;
  await platform.stdout.write(`${commandHelp(command, columns || 80)}`);
  return 0;
}

async function printGroup(words: readonly string[], group?: Group): Promise<number> {
  return (await import('./group-help.ts')).printGroup(words, group);
}

/** Ends the process with the code of a command, or with what an error has to say. */
async function end(run: Promise<number>): Promise<void> {
  let code: number;
  try {
    code = await run;
  } catch (error) {
    code = error instanceof Failure ? error.code : 1;
    // a reader that has seen enough is told nothing
    const closed = (error as { code?: string } | undefined)?.code === 'EPIPE';
    const message = closed ? '' : describe(error);
    if (message !== '') await platform.stderr.write(`${message}\n`).catch(() => {});
  }
  platform.exit(code);
}

void end(main(platform.args));
