import { spawn } from 'node:child_process';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled, EngineError, invalid, notFound, unavailable, unsupported } from '#base/errors.ts';
import type { GitAddress } from './git-url.ts';

/** What git may speak. Submodules are somebody else's words: no local files, no `ext::`. */
const allowedProtocols = 'http:https:git:ssh';

/**
 * Clones a repository, one commit deep, into a new folder, its submodules too.
 *
 * @param folder where to; the caller removes it whatever happens
 * @returns the commit, and the folder of the directory that was asked for, which holds no link on its way
 * @throws {EngineError} `unsupported` without git; `unavailable` with what git said; `invalid` for a directory that is none
 */
export async function cloneGit(
  address: GitAddress,
  folder: string,
  options: {
    readonly keepGitDirectory: boolean;
    readonly signal: AbortSignal;
    readonly report: (text: string) => void;
  },
): Promise<{ readonly commit: string; readonly directory: string }> {
  const work = join(folder, 'work');
  await mkdir(work, { recursive: true, mode: 0o700 });
  const git = new Git(work, folder, options);
  await git.run('init', '--quiet');
  await git.run('remote', 'add', '--', 'origin', address.remote);
  const commit = await fetchCommit(git, address);
  if (address.checksum !== undefined && !commit.startsWith(address.checksum))
    throw invalid(`expected checksum to match ${address.checksum}, got ${commit}`);
  await git.run('checkout', '--quiet', '--force', '--detach', commit);
  if (address.submodules)
    await git.run('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
  if (options.keepGitDirectory) await settle(git, work);
  return { commit, directory: await directoryIn(work, address.directory) };
}

/** A commit that no reference names cannot always be asked for, and not every server can cut: then all is fetched. */
async function fetchCommit(git: Git, { ref = 'HEAD' }: GitAddress): Promise<string> {
  try {
    await git.attempt('fetch', '--quiet', '--depth=1', '--no-tags', '--', 'origin', ref);
  } catch (error) {
    const isCommit = /^[\da-f]{7,64}$/i.test(ref);
    if (!(error instanceof EngineError) || error.kind !== 'unavailable') throw error;
    if (!isCommit && !saysShallow(error)) throw error;
    if (isCommit) {
      await git.run('fetch', '--quiet', '--tags', '--', 'origin', '+refs/heads/*:refs/remotes/origin/*');
      return git.commitOf(ref);
    }
    await git.run('fetch', '--quiet', '--no-tags', '--', 'origin', ref);
  }
  return git.commitOf('FETCH_HEAD');
}

const saysShallow = (error: unknown): boolean => error instanceof Error && /shallow/.test(error.message);

/** What of a git directory differs from one clone to the next. */
const volatile: readonly string[] = ['logs', 'hooks', 'FETCH_HEAD', 'ORIG_HEAD', 'description'];

/** Makes `.git` the same for the same commit, as far as packs allow: no logs, no times of files. */
async function settle(git: Git, work: string): Promise<void> {
  await git.run('read-tree', 'HEAD');
  await git.run('submodule', '--quiet', 'foreach', '--quiet', '--recursive', 'git read-tree HEAD');
  await settleFolder(join(work, '.git'));
}

/** A git directory, and those of submodules beneath it; or a folder on the way to such. */
async function settleFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const isGit = entries.some(({ name }) => name === 'HEAD');
  for (const { name } of entries)
    if (isGit && volatile.includes(name)) await rm(join(folder, name), { recursive: true });
  for (const entry of entries)
    if (entry.isDirectory() && (!isGit || entry.name === 'modules'))
      await settleFolder(join(folder, entry.name));
}

/** The repository is hostile: a link on the way could lead anywhere. */
async function directoryIn(work: string, directory: string): Promise<string> {
  let path = work;
  for (const name of directory.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') throw invalid(`the directory ${JSON.stringify(directory)} leaves the repository`);
    path = join(path, name);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) throw notFound('directory in the repository', directory);
    if (!found.isDirectory()) throw invalid(`${JSON.stringify(directory)} is no directory of the repository`);
  }
  return path;
}

class Git {
  readonly #work: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #options: { readonly signal: AbortSignal; readonly report: (text: string) => void };

  constructor(
    work: string,
    home: string,
    options: {
      readonly signal: AbortSignal;
      readonly report: (text: string) => void;
    },
  ) {
    this.#work = work;
    this.#options = options;
    this.#environment = {
      ...passedOn(process.env),
      HOME: home,
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: 'true',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ALLOW_PROTOCOL: allowedProtocols,
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    };
  }

  /** @throws {EngineError} `unavailable` with what git said */
  run(...args: readonly string[]): Promise<string> {
    return this.#run(args, this.#options.report);
  }

  /** The same for what there is another way: what git says of it is nobody's concern. */
  attempt(...args: readonly string[]): Promise<string> {
    return this.#run(args, () => undefined);
  }

  async #run(args: readonly string[], report: (text: string) => void): Promise<string> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const settings = ['core.hooksPath=/dev/null', 'advice.detachedHead=false', 'init.defaultBranch=master'];
    const child = spawn('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
      cwd: this.#work,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own: what git starts ends with it
    });
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.on('error', () => reject(unsupported('a git context needs the program git')));
    child.on('close', (code) => resolve(code));
    const stop = () => killGroup(child.pid);
    signal.addEventListener('abort', stop, { once: true });
    let out = '';
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out = `${out}${bytes}`.slice(0, 4096);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      said = `${said}${bytes}`.slice(-4096);
      report(bytes.toString());
    });
    try {
      const code = await promise;
      if (signal.aborted) throw cancelled('the clone was cancelled', { cause: signal.reason });
      if (code !== 0)
        throw unavailable(`failed to run git ${args[0]}: ${said.trim() || `exit code ${code}`}`);
      return out.trim();
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  commitOf(name: string): Promise<string> {
    return this.run('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

/** Of the daemon's environment: where programs, proxies, certificates and ssh's agent are. */
function passedOn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = /^(?:PATH|SSL_CERT_FILE|SSL_CERT_DIR|SSH_AUTH_SOCK|(?:https?|all|no)_proxy)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name)));
}
