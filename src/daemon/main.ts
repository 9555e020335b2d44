import { messageOf } from '#base/errors.ts';
import { productVersion } from '#engine/index.ts';
import { type Given, parseCommandLine } from './command-line.ts';
import { helpText } from './help.ts';
import { readSettings, runDaemon } from './run.ts';

/** The program `hoistd`: ends with 0 when a signal ends it, with 1 when it cannot go on. */
async function main(args: readonly string[]): Promise<number> {
  const given = parsed(args);
  if (given === undefined) return 1;
  if (given.get('help') === true) return say(helpText());
  if (given.get('version') === true) return say(`Hoist version ${productVersion}\n`);
  let doing = 'start';
  try {
    if (given.get('validate') === true) {
      readSettings(given);
      return say('configuration OK\n');
    }
    await runDaemon(given, () => {
      doing = 'end';
    });
    return 0;
  } catch (error) {
    process.stderr.write(`failed to ${doing} daemon: ${messageOf(error)}\n`);
    return 1;
  }
}

function parsed(args: readonly string[]): Given | undefined {
  try {
    return parseCommandLine(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\nSee 'hoistd --help'.\n`);
    return undefined;
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
process.exit();
