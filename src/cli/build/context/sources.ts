import type { BuildRequest, BuildSource } from '#api/build.ts';
import { sendContextTar } from '#client/build/contexts.ts';
import type { Daemon } from '#client/daemon.ts';
import { Failure } from '../../command.ts';
import * as platform from '../../platform.ts';
import { archiveHeaderSize, type ContextKind, isArchive } from '../context-kind.ts';
import { humanCount } from './counts.ts';
import { nothingIgnored, parseIgnore } from './ignore.ts';
import { sendContext } from './send.ts';
import { listContext } from './walk.ts';

/** Where what goes on is shown: a step of its own. */
export interface Transfer {
  begin(): Promise<void>;
  tell(what: string, bytes?: number): void;
  end(): Promise<void>;
}

export interface SourceOptions {
  readonly daemon: Daemon;
  readonly signal: AbortSignal;
  /** Shown as a step of this name. */
  transfer(name: string): Transfer;
}

/** What of a request the context and the Dockerfile are. */
export type Sources = Pick<BuildRequest, 'context' | 'dockerfile' | 'dockerfileText'>;

/**
 * Finds the context and the Dockerfile, and sends what is here of them.
 *
 * @param file `-f`: empty, `-`, or a path, of a context elsewhere a path in it
 * @throws {Failure} in Docker's words
 */
export async function openSources(kind: ContextKind, file: string, options: SourceOptions): Promise<Sources> {
  switch (kind.kind) {
    case 'remote': {
      const context = { kind: 'remote' as const, url: kind.url };
      if (file === '-') return { context, dockerfileText: await wholeStdin() };
      return { context, ...(file !== '' && { dockerfile: file }) };
    }
    case 'stdin':
      return stdinSources(file, options);
    default:
      return directorySources(kind.path, file, options);
  }
}

async function directorySources(path: string, file: string, options: SourceOptions): Promise<Sources> {
  checkDirectory(path);
  const dockerfile = await readDockerfile(path, file);
  const id = await sendDirectory(path, {
    ...options,
    name: '[internal] load build context',
    ignore: ignoreText(path, dockerfile.path),
  });
  return { context: { kind: 'sent', id }, dockerfile: dockerfile.name, dockerfileText: dockerfile.text };
}

function checkDirectory(path: string): void {
  if (!platform.exists(path))
    throw new Failure(`unable to prepare context: path ${JSON.stringify(path)} not found`);
  if (!platform.isDirectory(path))
    throw new Failure(`unable to prepare context: context must be a directory: ${platform.absolute(path)}`);
}

interface FoundDockerfile {
  readonly name: string;
  /** Where it is; undefined for standard input. */
  readonly path?: string;
  readonly text: string;
}

/** A Dockerfile goes with the request: it is none of the context where that ignores it, and may stand outside. */
async function readDockerfile(context: string, file: string): Promise<FoundDockerfile> {
  if (file === '-') return { name: 'Dockerfile', text: await wholeStdin() };
  const given = file === '' ? `${context}/Dockerfile` : file;
  const path = file === '' && !platform.exists(given) ? `${context}/dockerfile` : given;
  const name = file === '' ? path.slice(path.lastIndexOf('/') + 1) : file;
  if (platform.isDirectory(path))
    throw new Failure(`ERROR: failed to read dockerfile: read ${name}: is a directory`);
  const text = platform.findText(path);
  if (text === undefined) {
    const missing = file === '' ? 'Dockerfile' : name;
    throw new Failure(`ERROR: failed to read dockerfile: open ${missing}: no such file or directory`);
  }
  if (text.trim() === '')
    throw new Failure(`ERROR: failed to solve: the Dockerfile (${name}) cannot be empty`);
  return { name: relativeTo(context, path), path, text };
}

/** A path in the context where it is one, for messages and history. */
function relativeTo(context: string, path: string): string {
  const [root, whole] = [platform.absolute(context), platform.absolute(path)];
  const start = root === '/' ? '/' : `${root}/`;
  return whole.startsWith(start) ? whole.slice(start.length) : whole.slice(whole.lastIndexOf('/') + 1);
}

/** The ignore file beside the Dockerfile by its name, else the context's own. */
function ignoreText(context: string, dockerfile: string | undefined): string | undefined {
  const own = dockerfile === undefined ? undefined : platform.findText(`${dockerfile}.dockerignore`);
  return own ?? platform.findText(`${context}/.dockerignore`);
}

interface DirectoryOptions extends SourceOptions {
  readonly name: string;
  readonly ignore: string | undefined;
}

async function sendDirectory(
  path: string,
  { daemon, signal, transfer, name, ignore }: DirectoryOptions,
): Promise<string> {
  const shown = transfer(name);
  await shown.begin();
  const listing = listContext(path, ignore === undefined ? nothingIgnored : parseIgnore(ignore));
  let told = 0;
  const id = await sendContext(daemon, listing, {
    origin: originOf(path),
    signal,
    report: ({ sent, hashing }) => {
      const now = Date.now();
      if (now - told < 100) return;
      told = now;
      if (hashing === undefined) shown.tell('transferring context', sent);
      else shown.tell(`reading ${humanCount(hashing)} new files`);
    },
    sent: (bytes) => shown.tell('transferring context', bytes),
  });
  await shown.end();
  return id;
}

/** Names a directory of this machine: listings of it are compared with each other. */
function originOf(path: string): string {
  const machine =
    platform.findText('/etc/machine-id')?.trim() ||
    platform.findText('/proc/sys/kernel/random/boot_id')?.trim();
  return `${machine ?? ''}:${platform.absolute(path)}`;
}

/** Standard input: a tar, or a Dockerfile alone. */
async function stdinSources(file: string, { daemon, signal, transfer }: SourceOptions): Promise<Sources> {
  if (file === '-')
    throw new Failure("ERROR: invalid argument: can't use stdin for both build context and dockerfile");
  const { head, all } = await peeked(platform.stdin.read());
  if (head.length === 0) throw new Failure('ERROR: failed to build: stdin is empty');
  if (!isArchive(head)) {
    if (file !== '')
      throw new Failure('ERROR: ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
    return { context: { kind: 'none' }, dockerfileText: await textOf(all) };
  }
  const shown = transfer('[internal] load remote build context');
  await shown.begin();
  const { id } = await sendContextTar(daemon, counted(all, shown), signal);
  await shown.end();
  return { context: { kind: 'sent', id }, ...(file !== '' && { dockerfile: file }) };
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  shown: Transfer,
): AsyncGenerator<Uint8Array, void, void> {
  let sent = 0;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.length;
    shown.tell('transferring context', sent);
  }
}

async function peeked(bytes: AsyncGenerator<Uint8Array, void, void>) {
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < archiveHeaderSize) {
    const next = await bytes.next();
    if (next.done) break;
    first.push(next.value.slice());
    length += next.value.length;
  }
  async function* all() {
    yield* first;
    yield* bytes;
  }
  const head = new Uint8Array(length);
  let at = 0;
  for (const chunk of first) {
    head.set(chunk, at);
    at += chunk.length;
  }
  return { head: head.subarray(0, archiveHeaderSize), all: all() };
}

/** The largest Dockerfile. Bytes. */
const maxDockerfile = 16 << 20;

const wholeStdin = () => textOf(platform.stdin.read());

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of bytes) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxDockerfile)
      throw new Failure('ERROR: the Dockerfile on standard input is too large');
  }
  return text + decoder.decode();
}

/**
 * The sources of `--build-context NAME=…`: an image, a URL, a directory, which is sent.
 *
 * @throws {Failure}
 */
export async function namedSources(
  given: readonly string[],
  options: SourceOptions,
): Promise<Record<string, BuildSource>> {
  const sources: Record<string, BuildSource> = {};
  for (const text of given) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new Failure(`ERROR: invalid context value: ${text}, expected key=value`);
    const name = text.slice(0, equals);
    sources[name] = await namedSource(name, text.slice(equals + 1), options);
  }
  return sources;
}

async function namedSource(name: string, value: string, options: SourceOptions): Promise<BuildSource> {
  const image = /^docker-image:\/\/(.+)$/.exec(value)?.[1];
  if (image !== undefined) return { kind: 'image', name: image };
  if (/^oci-layout:\/\//.test(value))
    throw new Failure('ERROR: OCI layouts as build contexts are not supported');
  if (/^(https?|git|ssh):\/\/|^git@/.test(value)) return { kind: 'remote', url: value };
  if (!platform.isDirectory(value)) {
    throw new Failure(`ERROR: failed to get build context ${name}: stat ${value}: no such file or directory`);
  }
  const id = await sendDirectory(value, {
    ...options,
    name: `[context ${name}] load from client`,
    ignore: ignoreText(value, undefined),
  });
  return { kind: 'sent', id };
}
