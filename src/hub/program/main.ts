import { EngineError, messageOf } from '#base/errors.ts';
import { type Command, exitCodes, say, UsageError } from './command.ts';
import { type Given, parseFlags } from './command-line.ts';
import { findCommand, loadCommands } from './commands/index.ts';
import { commandHelp, helpFlag, programHelp } from './help.ts';
import { hubVersion } from './version.ts';

/** The program `hoist-hub`. @returns its exit code, see command.ts */
async function main(args: readonly string[]): Promise<number> {
  const [first = '--help'] = args;
  if (first === '--version') return said(`Hoist Hub version ${hubVersion}\n`);
  if (first === '--help' || first === '-h' || first === 'help')
    return said(programHelp(await loadCommands()));
  const found = await findCommand(args);
  if (found === undefined)
    return refused(`hoist-hub: '${args.slice(0, 2).join(' ')}' is not a hoist-hub command.`, '');
  const { command, rest } = found;
  let given: Given;
  try {
    given = parseFlags(rest, [...command.flags, helpFlag]);
    if (given.has('help')) return said(commandHelp(command));
    checkWords(command, given);
  } catch (error) {
    return refused(messageOf(error), command.name);
  }
  try {
    return await command.run(given, interruption(command));
  } catch (error) {
    if (error instanceof UsageError) return refused(messageOf(error), command.name);
    process.stderr.write(`hoist-hub: ${messageOf(error)}\n`);
    if (process.env['HOIST_DEBUG'] && !(error instanceof EngineError)) console.error(error);
    return exitCodes.failure;
  }
}

/** What a command has begun, it takes back; one that serves ends in its own way. */
function interruption({ name }: Command): AbortSignal {
  const controller = new AbortController();
  if (name !== 'serve')
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => controller.abort(new EngineError('cancelled', 'interrupted')));
  return controller.signal;
}

function checkWords({ name, words }: Command, given: Given): void {
  const count = given.words.length;
  if (count === words.length) return;
  const wanted = words.length === 0 ? 'no arguments' : `exactly ${words.length} argument: ${words.join(' ')}`;
  throw new EngineError('invalid', `"hoist-hub ${name}" takes ${wanted}`);
}

function said(text: string): number {
  say(text);
  return exitCodes.success;
}

function refused(message: string, command: string): number {
  process.stderr.write(`${message}\nSee 'hoist-hub${command === '' ? '' : ` ${command}`} --help'.\n`);
  return exitCodes.usage;
}

// who reads no more of what is said has heard enough
process.stdout.on('error', () => undefined);
// records, keys and backups are for nobody else to read
process.umask(0o077);
process.exitCode = await main(process.argv.slice(2));
// what a program leaves open holds no one up; what it has said goes out first
process.stdout.write('', () => process.exit());
