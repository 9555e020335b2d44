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
  const failed = what === 'save' ? 'failed to save image' : 'failed to export container';
  if (platform.isDirectory(path)) throw new Failure(`${failed}: cannot write to a directory`);
  if (!platform.isDirectory(directory)) {
    throw new Failure(`${failed}: invalid output path: stat ${directory}: no such file or directory`);
  }
}
