/**
 * cli: the command line `hoist`, in Docker's words.
 *
 * Nouns: Command (usage, flags, what it does), Cli (what a command may use: the daemon, the configuration, output),
 * Flag, Listing (a table, JSON or a template of rows), Session (our terminal joined with a process's), platform (all
 * that is asked of the host).
 *
 *     export const command = define({ usage: 'pause CONTAINER [CONTAINER...]', …, run: (cli, { args }) => … });
 *
 * Starts at `main.ts`, which finds the command by hand (`commands.ts`) and loads its file alone; called by nobody. Runs
 * on Node, on Bun and, for most of what it does, on the small host in `quickjs/`: hence `platform.ts` in between.
 */
export { type Cli, type Command, command, Failure } from './command.ts';
