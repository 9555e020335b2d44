import type { Command } from '../command.ts';

type Load = () => Promise<readonly Command[]>;

/** By first word: only what a command line asks for is loaded. */
const loads: Readonly<Record<string, Load>> = {
  serve: async () => (await import('./serve.ts')).serveCommands,
  user: async () => (await import('./user.ts')).userCommands,
  repo: async () => (await import('./repo.ts')).repositoryCommands,
  check: async () => (await import('./upkeep.ts')).upkeepCommands,
  collect: async () => (await import('./upkeep.ts')).upkeepCommands,
  scrub: async () => (await import('./upkeep.ts')).upkeepCommands,
  backup: async () => (await import('./backup.ts')).backupCommands,
  restore: async () => (await import('./backup.ts')).backupCommands,
};

/** Every command, as help lists them. */
export async function loadCommands(): Promise<readonly Command[]> {
  const all = await Promise.all(Object.values(loads).map((load) => load()));
  return [...new Set(all.flat())];
}

/** The command that words name, and the words after. */
export async function findCommand(
  args: readonly string[],
): Promise<{ readonly command: Command; readonly rest: readonly string[] } | undefined> {
  const load = Object.hasOwn(loads, args[0] ?? '') ? loads[args[0]!] : undefined;
  if (load === undefined) return undefined;
  for (const command of await load()) {
    const words = command.name.split(' ');
    if (words.every((word, index) => args[index] === word))
      return { command, rest: args.slice(words.length) };
  }
  return undefined;
}
