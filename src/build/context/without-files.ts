import { posix } from 'node:path';
import { ignorePatterns } from '#archive/path-pattern.ts';
import { type ByteString, fromText, joinNames, shownName } from '#archive/tar-entry.ts';
import { notFound } from '#base/errors.ts';
import { digestOf } from '#oci/digest.ts';
import type { Context } from './context.ts';

const ignoreFile = '.dockerignore';
/** Bytes; a larger one is none. */
const maxSize = 4 << 20;

/**
 * A context as dockerd's classic builder has it once it has read the Dockerfile: clients send the Dockerfile and
 * `.dockerignore` even where the latter names them, and then they are not part of it. All else was left out by the client,
 * or was wanted.
 *
 * The context stays its owner's.
 *
 * @param dockerfile its path as the request has it
 */
export async function withoutIgnoredDockerfile(context: Context, dockerfile: string): Promise<Context> {
  const info = context.find(ignoreFile);
  if (info?.type !== 'file' || info.size > maxSize) return context;
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.open(ignoreFile)) chunks.push(chunk);
  const paths = [ignoreFile, fromText(posix.normalize(posix.join('/', dockerfile)).slice(1))];
  const hidden = ignored(Buffer.concat(chunks).toString(), paths);
  return hidden.length === 0 ? context : new WithoutFiles(context, hidden);
}

function ignored(text: string, paths: readonly ByteString[]): readonly ByteString[] {
  try {
    const patterns = ignorePatterns(text);
    return paths.filter((path) => patterns.ignores(shownName(path)));
  } catch {
    // dockerd goes on where a pattern is none: the client said so already
    return [];
  }
}

/** A context in which some files are not. */
class WithoutFiles implements Context {
  readonly #context: Context;
  readonly #hidden: ReadonlySet<ByteString>;

  constructor(context: Context, hidden: readonly ByteString[]) {
    this.#context = context;
    this.#hidden = new Set(hidden);
  }

  get name() {
    return this.#context.name;
  }

  get received() {
    return this.#context.received;
  }

  find(path: ByteString) {
    return this.#hidden.has(path) ? undefined : this.#context.find(path);
  }

  list(path: ByteString) {
    return this.#context.list(path).filter((name) => !this.#hidden.has(joinNames(path, name)));
  }

  open(path: ByteString) {
    return this.#context.open(this.#there(path));
  }

  async digestOf(path: ByteString) {
    return this.#context.digestOf(this.#there(path));
  }

  /** Of a directory above what is hidden, made of what is left in it. */
  treeDigest(path: ByteString): ReturnType<Context['treeDigest']> {
    const isAbove = [...this.#hidden].some((hidden) => path === '' || hidden.startsWith(`${path}/`));
    if (!isAbove) return this.#context.treeDigest(this.#there(path));
    const parts = this.list(path).map((name) => [name, this.treeDigest(joinNames(path, name))]);
    return digestOf(JSON.stringify([this.#context.find(path)?.mode, parts]));
  }

  async [Symbol.asyncDispose]() {}

  #there(path: ByteString): ByteString {
    if (this.#hidden.has(path)) throw notFound('file', path);
    return path;
  }
}
