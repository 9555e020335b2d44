import type { ContextAnswer, ContextFile } from '#api/build.ts';
import { offerContext, sendContextDigests, sendContextFiles } from '#client/build/contexts.ts';
import type { Daemon } from '#client/daemon.ts';
import { Failure } from '../../command.ts';
import * as platform from '../../platform.ts';
import { textOfBytes } from './byte-strings.ts';
import { filesTar } from './files-tar.ts';
import { type Listing, rowsOf } from './walk.ts';

/** What of a context goes on, for who shows it. */
export type Report = (state: {
  /** Bytes of the files that were sent so far. */
  readonly sent: number;
  readonly files: number;
  /** Files whose content is being named. */
  readonly hashing?: number;
}) => void;

export interface SendOptions {
  /** Names the directory on this machine. */
  readonly origin: string;
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Told how much was sent in the end. */
  readonly sent: (bytes: number) => void;
}

/**
 * Brings the daemon to know a context: the listing, then digests of what it does not know by its stamps, then the bytes of
 * what it does not know by its digests.
 *
 * @returns the context's id
 */
export async function sendContext(
  daemon: Daemon,
  listing: Listing,
  { origin, signal, report: told, sent }: SendOptions,
): Promise<string> {
  let bytes = 0;
  const report: Report = (state) => {
    bytes = state.sent;
    told(state);
  };
  let rows: readonly string[] | undefined;
  const file = (index: number): ContextFile => {
    rows ??= rowsOf(listing);
    const row = rows[index];
    if (row === undefined) throw new Failure(`the daemon asks for file ${index} of ${rows.length}`);
    return JSON.parse(row) as ContextFile;
  };
  const pathOf = (index: number) => `${listing.root}/${file(index).p ?? ''}`;
  let offered = 0;
  let first: ContextAnswer = { id: '', wanted: [] };
  for (const offer of offersOf(listing, origin)) {
    offered += offer.length;
    first = await offerContext(daemon, offer, signal);
    if (first.id !== '') break;
  }
  let { wanted } = first;
  if (wanted.length > 0) {
    const digests = await digestsOf(wanted, { pathOf, signal, report });
    ({ wanted } = await sendContextDigests(daemon, first.id, { digests, signal }));
  }
  if (wanted.length > 0) {
    const tar = countedTar(wanted, { file, pathOf, report });
    ({ wanted } = await sendContextFiles(daemon, first.id, { tar, signal }));
  }
  if (wanted.length > 0) throw changed(pathOf(wanted[0]!));
  sent(offered + bytes);
  return first.id;
}

/** A listing of this many characters is offered by its digest first: most are what the daemon was told the last time. */
const longListing = 1 << 14;

/** What to say of a context at first, in turn: what comes later is said where the daemon does not know what came before. */
function* offersOf({ rows, at }: Listing, origin: string): Generator<string, void, void> {
  const name = `"origin":${JSON.stringify(origin)}`;
  const files = () => `"at":${at},"files":[${rows.join(platform.rowSeparator)}]`;
  if (rows.reduce((sum, { length }) => sum + length, 0) < longListing) return yield `{${name},${files()}}`;
  const listing = `"listing":"sha256:${platform.sha256OfTexts(rows)}"`;
  yield `{${name},${listing}}`;
  yield `{${name},${listing},${files()}}`;
}

const changed = (path: string) =>
  new Failure(`error checking context: file "${textOfBytes(path)}" changed while it was sent`);

interface Files {
  readonly pathOf: (index: number) => string;
  readonly report: Report;
}

async function digestsOf(
  wanted: readonly number[],
  { pathOf, signal, report }: Files & { readonly signal: AbortSignal },
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  let hashing = 0;
  for (const index of wanted) {
    signal.throwIfAborted();
    digests[index] = `sha256:${await opened(pathOf(index), platform.sha256OfFile)}`;
    hashing += 1;
    if (hashing % 64 === 0) report({ sent: 0, files: 0, hashing });
    if (hashing % 1024 === 0) await turn();
  }
  return digests;
}

async function opened<T>(path: string, act: (path: string) => Promise<T>): Promise<T> {
  try {
    return await act(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A file's bytes, at least as many as it had when it was listed. */
async function* bytesOf(path: string, size: number): AsyncGenerator<Uint8Array, void, void> {
  let read = 0;
  try {
    for await (const chunk of platform.readBytes(path)) {
      read += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (read < size) throw changed(path);
}

function unreadable(path: string, error: unknown): Failure {
  const { code, message } = error as { code?: string; message: string };
  const reason = { EACCES: 'permission denied', ENOENT: 'no such file or directory' }[code ?? ''] ?? message;
  return new Failure(`error checking context: can't read '${textOfBytes(path)}': ${reason}`);
}

/** Lets signals and connections be heard. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function* countedTar(
  wanted: readonly number[],
  { file, pathOf, report }: Files & { readonly file: (index: number) => ContextFile },
): AsyncGenerator<Uint8Array, void, void> {
  let files = 0;
  let sent = 0;
  function* numbered() {
    for (const index of wanted) {
      files += 1;
      const { s: size = 0 } = file(index);
      yield { name: index, size, open: () => bytesOf(pathOf(index), size) };
    }
  }
  for await (const chunk of filesTar(numbered())) {
    yield chunk;
    sent += chunk.length;
    report({ sent, files });
  }
}
