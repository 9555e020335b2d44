import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { invalid } from '#base/errors.ts';
import { type Digest, digestOf, parseDigest } from '#oci/digest.ts';
import type { Download } from './context.ts';
import { type HttpAnswer, httpGet, withoutPassword } from './http-get.ts';
import type { Packs } from './packs.ts';
import { conditionsOf, isSameVersion, type Validators, validatorsOf } from './validators.ts';

/** What a URL had when it was last asked for. */
interface Known extends Validators {
  readonly digest: Digest;
  readonly size: number;
  readonly name: string;
  readonly modified: number;
  readonly place: string;
}

interface DownloadOptions {
  readonly checksum?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Files by URL. Contents are kept beside those of contexts, so that a server is asked only whether it has another, and
 * not even that where the checksum given is that of what is here.
 */
export class Downloads {
  readonly #packs: Packs;
  readonly #pins = new Map<Digest, number>();

  constructor(packs: Packs) {
    this.#packs = packs;
  }

  /**
   * What a URL has, kept at least until it is disposed of.
   *
   * @throws {EngineError} `invalid` when it is not what the checksum says; as `httpGet`
   */
  async get(url: string, { checksum, signal }: DownloadOptions): Promise<Download> {
    const wanted = checksum === undefined ? undefined : parseDigest(checksum);
    await using pins = new AsyncDisposableStack();
    const known = this.#find(url);
    if (known !== undefined) pins.use(this.#pin(known.digest));
    if (known !== undefined && wanted !== undefined && (await this.#hasDigest(known, wanted, signal)))
      return this.#download(known, pins.move());
    const found = await this.#ask(url, { known, wanted, signal, pins });
    return this.#download(found, pins.move());
  }

  /** Contents that builds use. */
  pinned(): ReadonlySet<Digest> {
    return new Set(this.#pins.keys());
  }

  /** What is known of a URL, which counts as used now. */
  #find(url: string): Known | undefined {
    const row = this.#packs.database.get<Omit<Known, 'size'>>(
      `SELECT digest, name, modified, place, etag, last_modified AS lastModified
       FROM build_download WHERE url = ?`,
      digestOf(url),
    );
    const size = row === undefined ? undefined : this.#packs.use(row.digest);
    if (row === undefined || size === undefined) return undefined;
    return { ...row, size, etag: row.etag ?? undefined, lastModified: row.lastModified ?? undefined };
  }

  async #ask(
    url: string,
    given: {
      readonly known: Known | undefined;
      readonly wanted: Digest | undefined;
      readonly signal: AbortSignal;
      readonly pins: AsyncDisposableStack;
    },
  ): Promise<Known> {
    const { known, wanted, signal, pins } = given;
    await using answer = await httpGet(url, signal, known === undefined ? {} : conditionsOf(known));
    const isSame = known !== undefined && (answer.isUnchanged || isSameVersion(known, answer.headers));
    // what another server says of a tag that it never gave counts for nothing
    if (isSame && known.place !== placeOf(answer))
      return await this.#ask(url, { ...given, known: undefined });
    if (!isSame) return await this.#keep(url, answer, { wanted, pins });
    if (wanted !== undefined) throw mismatch(url, known.digest, wanted);
    return known;
  }

  /** Writes an answer's body to a pack of its own, if it is not here. */
  async #keep(
    url: string,
    answer: HttpAnswer,
    { wanted, pins }: { readonly wanted: Digest | undefined; readonly pins: AsyncDisposableStack },
  ): Promise<Known> {
    const packs = this.#packs;
    const other = wanted?.startsWith('sha512:') === true ? createHash('sha512') : undefined;
    await using writer = await packs.writer();
    for await (const chunk of answer.body) {
      other?.update(chunk);
      writer.append(chunk);
      await writer.flush();
    }
    const { digest, size } = writer.endFile();
    const checked: Digest = other === undefined ? digest : `sha512:${other.digest('hex')}`;
    if (wanted !== undefined && checked !== wanted) throw mismatch(url, checked, wanted);
    pins.use(this.#pin(digest));
    const { url: place, headers } = answer;
    const found = {
      ...{ digest, size, name: nameOf(url, headers), modified: modifiedOf(headers) },
      ...{ place: placeOf({ url: place }), ...validatorsOf(headers) },
    };
    if (size === 0) return found; // no pack holds nothing
    if (packs.use(digest) !== undefined) packs.database.transaction(() => this.#record(url, found));
    else
      await packs.commit(writer, (files) => {
        packs.record(writer.name, files);
        this.#record(url, found);
      });
    return found;
  }

  #record(url: string, { digest, name, modified, place, etag, lastModified }: Known): void {
    this.#packs.database.run(
      'INSERT OR REPLACE INTO build_download VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[digestOf(url), digest, name, modified, place, etag ?? null, lastModified ?? null],
    );
  }

  async #hasDigest({ digest }: Known, wanted: Digest, signal: AbortSignal): Promise<boolean> {
    if (!wanted.startsWith('sha512:')) return digest === wanted;
    const hash = createHash('sha512');
    for await (const chunk of this.#packs.open(digest)) {
      signal.throwIfAborted();
      hash.update(chunk);
    }
    return `sha512:${hash.digest('hex')}` === wanted;
  }

  #download({ name, digest, size, modified }: Known, pins: AsyncDisposableStack): Download {
    return {
      ...{ name, digest, size, modified },
      open: () => (size === 0 ? nothing() : this.#packs.open(digest)),
      [Symbol.asyncDispose]: () => pins.disposeAsync(),
    };
  }

  #pin(digest: Digest): Disposable {
    this.#pins.set(digest, (this.#pins.get(digest) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#pins.get(digest) ?? 1) - 1;
        if (left > 0) this.#pins.set(digest, left);
        else this.#pins.delete(digest);
      },
    };
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const mismatch = (url: string, found: Digest, wanted: Digest) =>
  invalid(`digest mismatch for ${withoutPassword(url)}: ${found} (expected: ${wanted})`);

/** Where an answer came from; what signs a URL is another each time. */
const placeOf = ({ url }: Pick<HttpAnswer, 'url'>): string => digestOf(`${url.origin}${url.pathname}`);

/** The last component of the URL's path; else what the server calls it; else ''. Never with a slash in it. */
export function nameOf(address: string, headers: IncomingHttpHeaders): string {
  const path = URL.parse(address)?.pathname ?? '';
  const last = baseName(decoded(path));
  if (last !== '' && !path.endsWith('/')) return last;
  const disposition = headers['content-disposition'] ?? '';
  const named = /(?:^|;)\s*filename="?([^";]+)"?/i.exec(disposition)?.[1];
  return named === undefined ? '' : baseName(named);
}

const baseName = (path: string): string => {
  const name = path.replace(/\/+$/, '').split('/').at(-1)!;
  return name === '.' || name === '..' || name.includes('\0') ? '' : name;
};

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function modifiedOf(headers: IncomingHttpHeaders): number {
  const time = Date.parse(headers['last-modified'] ?? '');
  return Number.isFinite(time) && time > 0 ? Math.floor(time / 1000) : 0;
}
