import { type Cli, Failure } from './command.ts';
import * as platform from './platform.ts';

export interface SaveOptions {
  /** Empty: standard output. */
  readonly path: string;
  /** The command, for messages. */
  readonly what: 'save' | 'export';
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** Writes an archive to a file, or to standard output if that is no terminal. */
export async function saveStream(cli: Cli, { path, what, open }: SaveOptions): Promise<void> {
  if (path === '' && platform.stdout.isTerminal) {
    throw new Failure('cowardly refusing to save to a terminal. Use the -o flag or redirect');
  }
  if (path !== '') checkPath(path, what);
  const archive = await open();
  if (path !== '') return platform.writeFile(path, archive);
  for await (const bytes of archive) await cli.out(bytes);
}

function checkPath(path: string, what: string): void {
  const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.';
  const problem = platform.isDirectory(path)
    ? 'cannot be a directory'
    : platform.isDirectory(directory)
      ? undefined
      : `directory "${directory}" does not exist`;
  if (problem === undefined) return;
  const reason = problem.startsWith('cannot') ? `"${path}" ${problem}` : `invalid output path: ${problem}`;
  throw new Failure(
    what === 'save' ? `failed to save image: ${reason}` : `failed to export container: ${reason}`,
  );
}
