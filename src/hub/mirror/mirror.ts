import { EngineError, messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import {
  type Credentials,
  RegistryClient,
  type RegistryConfig,
  RegistryError,
  type Repository,
} from '#distribution/index.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import type { Area } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import { requestedSpan } from '../http/ranges.ts';
import { json, type Reply } from '../http/reply.ts';
import type { MirrorManifest, MirrorRecords } from '../records/index.ts';
import { type MirrorLimits, MirrorStore } from './mirror-store.ts';

export interface MirrorOptions {
  readonly records: MirrorRecords;
  /** Where blobs are kept. */
  readonly directory: string;
  /** `https://registry-1.docker.io`: what it is a mirror of. */
  readonly upstream: string;
  /** Whatever these may pull upstream, everyone may pull here. */
  readonly credentials?: Credentials;
  readonly limits: MirrorLimits;
  /** A tag is believed for so long before upstream is asked again. Milliseconds. */
  readonly tagAge: number;
  readonly registries?: Partial<RegistryConfig>;
  readonly log: Log;
  readonly now?: () => Date;
}

const trimMilliseconds = 600_000;
const namePattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * A pull-through cache: serves what its upstream has, and keeps what was asked for. While upstream is away it serves what it
 * has. An engine uses it as one of its `registry-mirrors`.
 */
export class Mirror implements AsyncDisposable {
  readonly area: Area;
  readonly #options: MirrorOptions;
  readonly #store: MirrorStore;
  readonly #client: RegistryClient;
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => Date;
  /** Manifests on their way, by name and reference: many clients start at once. */
  readonly #asking = new Map<string, Promise<MirrorManifest>>();
  /** One after the other. */
  #trimmed = Promise.resolve();

  private constructor(options: MirrorOptions, store: MirrorStore) {
    this.#options = options;
    this.#store = store;
    this.#now = options.now ?? (() => new Date());
    const { protocol, host } = new URL(options.upstream);
    this.#client = new RegistryClient({
      ...{ mirrors: [], insecureRegistries: protocol === 'http:' ? [host] : [], certificateFolders: [] },
      // clients wait meanwhile, and what is here can be served instead
      retry: { attempts: 3, delayMilliseconds: 200 },
      ...options.registries,
      defaultRegistry: options.upstream.replace(/\/+$/, ''),
      userAgent: 'hoist-hub-mirror',
    });
    this.#timer = setInterval(() => this.#trim(), trimMilliseconds);
    this.#timer.unref();
    this.area = {
      prefixes: ['/v2/'],
      routes: {
        'GET /v2/': () => json({}, 200, apiVersion),
        'GET /v2/{name*}/manifests/{reference}': (call) => this.#manifest(call),
        'GET /v2/{name*}/blobs/{digest}': (call) => this.#blob(call),
        'GET /v2/{name*}/tags/list': (call) => this.#tags(call),
      },
      authenticate: (_request, address) => ({ kind: 'stranger', address }),
      missing: () => told(405, 'UNSUPPORTED', 'this is a mirror: nothing can be pushed to it or deleted'),
      failed: (error) => failure(error),
    };
  }

  static async open(options: MirrorOptions): Promise<Mirror> {
    const { records, directory, limits, now = () => new Date() } = options;
    return new Mirror(options, await MirrorStore.open({ records, directory, limits, now }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort(new EngineError('cancelled', 'the mirror is closing'));
    await this.#store.settled();
    await this.#trimmed;
    this.#client[Symbol.dispose]();
  }

  // ---- manifests

  async #manifest(call: Call): Promise<Reply> {
    const name = nameOf(call);
    const reference = call.param('reference');
    if (!isDigest(reference) && !tagPattern.test(reference))
      throw refused('MANIFEST_INVALID', `invalid tag ${JSON.stringify(reference)}`);
    const { digest, mediaType, bytes } = isDigest(reference)
      ? ((await this.#options.records.manifest(name, reference)) ?? (await this.#ask(name, reference)))
      : await this.#tagged(name, reference);
    const headers = {
      ...apiVersion,
      'Content-Type': mediaType,
      'Docker-Content-Digest': digest,
      ETag: `"${digest}"`,
    };
    if (call.header('if-none-match') === `"${digest}"`) return { status: 304, headers };
    return { status: 200, headers, body: bytes };
  }

  /** A tag as upstream has it now, or lately; as it had it when it does not answer. */
  async #tagged(name: string, tag: string): Promise<MirrorManifest> {
    const known = await this.#options.records.tag(name, tag);
    const kept = known && (await this.#options.records.manifest(name, known.digest));
    if (known === undefined || kept === undefined) return this.#ask(name, tag);
    if (this.#now().getTime() - Date.parse(known.checkedAt) < this.#options.tagAge) return kept;
    try {
      const repository = await this.#repository(name);
      const digest = await repository.findDigest(tag, this.#abort.signal);
      if (digest !== kept.digest) return await this.#ask(name, tag);
      await this.#options.records.confirmTag(name, tag, digest);
      return kept;
    } catch (error) {
      if (isRefusal(error)) throw error;
      this.#options.log.warn('upstream does not answer: an older manifest is served', {
        ...{ name, tag, error: messageOf(error) },
      });
      return kept;
    }
  }

  #ask(name: string, reference: string): Promise<MirrorManifest> {
    const key = `${name}@${reference}`;
    const asking = this.#asking.get(key) ?? this.#fetchManifest(name, reference);
    if (!this.#asking.has(key)) {
      this.#asking.set(key, asking);
      asking.catch(() => undefined).finally(() => this.#asking.delete(key));
    }
    return asking;
  }

  async #fetchManifest(name: string, reference: string): Promise<MirrorManifest> {
    const repository = await this.#repository(name);
    const { bytes, mediaType, digest } = await repository.getManifest(reference, this.#abort.signal);
    const manifest = { digest, mediaType, bytes };
    await this.#options.records.putManifest(name, manifest, isDigest(reference) ? undefined : reference);
    return manifest;
  }

  // ---- blobs

  async #blob(call: Call): Promise<Reply> {
    const name = nameOf(call);
    const digest = call.param('digest');
    if (!isDigest(digest)) throw refused('DIGEST_INVALID', `invalid digest ${JSON.stringify(digest)}`);
    const file = await this.#store.blob(name, digest);
    const source = file ?? this.#store.fetching(name, digest) ?? (await this.#fetchBlob(call, name, digest));
    const headers = {
      ...apiVersion,
      ...{
        'Content-Type': 'application/octet-stream',
        'Docker-Content-Digest': digest,
        'Accept-Ranges': 'bytes',
      },
    };
    if ('head' in source)
      return { status: 200, headers: { ...headers, 'Content-Length': String(source.head) } };
    const range = requestedSpan(call.header('range'), source.size);
    if (range === 'unsatisfiable')
      return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${source.size}` } };
    const { start, end } = range ?? { start: 0, end: source.size - 1 };
    const length = end - start + 1;
    const part = range && { 'Content-Range': `bytes ${start}-${end}/${source.size}` };
    return {
      status: range === undefined ? 200 : 206,
      headers: { ...headers, ...part, 'Content-Length': String(length) },
      body: 'path' in source ? { path: source.path, start, length } : source.read(start, length),
    };
  }

  async #fetchBlob(call: Call, name: string, digest: Digest) {
    const repository = await this.#repository(name);
    const size = await repository.findBlob(digest, this.#abort.signal);
    if (size === undefined) throw refused('BLOB_UNKNOWN', 'blob unknown to registry', 404);
    if (call.method === 'HEAD') return { head: size };
    // another may have begun meanwhile
    const going = this.#store.fetching(name, digest);
    if (going !== undefined) return going;
    const { fetch, kept } = this.#store.keep(name, digest, {
      size,
      bytes: repository.fetchBlob({ digest, size }, this.#abort.signal),
    });
    void kept.then(
      () => this.#trim(),
      (error: unknown) =>
        this.#options.log.warn('a blob did not come whole', { name, digest, error: messageOf(error) }),
    );
    return fetch;
  }

  // ---- tags

  async #tags(call: Call): Promise<Reply> {
    const name = nameOf(call);
    const all = [...(await (await this.#repository(name)).listTags(call.signal))].sort();
    const last = call.query.get('last');
    const after = last === null ? all : all.filter((tag) => tag > last);
    const size = call.query.has('n') ? call.count('n', 100, 100_000) : after.length;
    const tags = after.slice(0, size);
    const next = tags.length < after.length && {
      Link: `</v2/${name}/tags/list?n=${size}&last=${encodeURIComponent(tags.at(-1) ?? '')}>; rel="next"`,
    };
    return json({ name, tags }, 200, { ...apiVersion, ...next });
  }

  #repository(path: string): Promise<Repository> {
    const { credentials } = this.#options;
    return this.#client.repository(
      { domain: 'docker.io', path },
      { access: 'pull', credentials, signal: this.#abort.signal },
    );
  }

  #trim(): void {
    const { signal } = this.#abort;
    this.#trimmed = this.#trimmed
      .then(() => (signal.aborted ? undefined : this.#store.trim(signal)))
      .then(
        () => undefined,
        (error: unknown) => {
          if (!signal.aborted)
            this.#options.log.warn('the mirror could not be trimmed', { error: messageOf(error) });
        },
      );
  }
}

const apiVersion = { 'Docker-Distribution-Api-Version': 'registry/2.0' };

function nameOf(call: Call): string {
  const name = call.param('name');
  if (name.length > 255 || !namePattern.test(name))
    throw refused('NAME_INVALID', `invalid repository name ${JSON.stringify(name.slice(0, 300))}`);
  return name;
}

const refused = (code: string, message: string, status = 400) => new RegistryError({ code, message, status });

/** Whether upstream answered, and said no. */
const isRefusal = (error: unknown): boolean => error instanceof RegistryError && !error.transient;

function failure(error: unknown): Reply | undefined {
  if (error instanceof RegistryError) {
    const { status, code, message, retryAfterMilliseconds: wait } = error;
    // what upstream hides is not there
    if (status === 401 || status === 403)
      return told(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    if (status === 404 || status === 400) return told(status, code, message);
    if (status === 429)
      return told(
        429,
        'TOOMANYREQUESTS',
        message,
        wait === undefined ? {} : { 'Retry-After': String(Math.ceil(wait / 1000)) },
      );
    return told(502, 'UNKNOWN', `upstream: ${message}`);
  }
  if (error instanceof EngineError) {
    if (error.kind === 'unauthorized' || error.kind === 'forbidden')
      return told(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    if (error.kind === 'invalid') return told(400, 'UNKNOWN', error.message);
    return told(502, 'UNKNOWN', `upstream: ${error.message}`);
  }
  return undefined;
}

const told = (status: number, code: string, message: string, headers = {}): Reply =>
  json({ errors: [{ code, message }] }, status, { ...apiVersion, ...headers });
