import { createHash } from 'node:crypto';
import { invalid } from '#base/errors.ts';
import { type Digest, digestOf, isDigest } from '#oci/digest.ts';
import { type Descriptor, maxManifestBytes } from '#oci/manifest.ts';
import { manifestTypes } from '#oci/media-types.ts';
import { fetchBlob } from './fetch-blob.ts';
import { RegistryError, unexpected } from './registry-error.ts';
import type { Session } from './session.ts';
import { discard, readBody } from './transport.ts';
import { locationOf, type Uploaded, type UploadSource, uploadBlob } from './upload-blob.ts';

export interface RemoteManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
}

const maxListBytes = 16 << 20;
const maxTags = 100_000;

/** One repository of a registry, reached in one person's name. @see OCI distribution-spec 1.1 */
export class Repository {
  readonly #sessions: readonly Session[];
  readonly #path: string;
  readonly #scope: string;
  /** The session that answered last: a mirror that lacks the image is not asked for its layers. */
  #current = 0;

  /** @param sessions in order of preference: mirrors, then the registry */
  constructor(
    sessions: readonly Session[],
    options: { readonly path: string; readonly access: 'pull' | 'pull,push' },
  ) {
    this.#sessions = sessions;
    this.#path = options.path;
    this.#scope = `repository:${options.path}:${options.access}`;
  }

  /** @throws {RegistryError} `MANIFEST_UNKNOWN` and the like; `invalid` when its bytes are not what was asked for */
  getManifest(target: string, signal?: AbortSignal): Promise<RemoteManifest> {
    return this.#anywhere(signal, async (session) => {
      const response = await session.sendPatiently({
        ...this.#manifestRequest(target, signal),
        method: 'GET',
        accept: [200],
      });
      const bytes = await readBody(response, maxManifestBytes);
      const digest = isDigest(target) ? verified(bytes, target) : digestOf(bytes);
      return { bytes, digest, mediaType: response.headers['content-type'] ?? '' };
    });
  }

  /** The digest a tag has now, where the registry says it without sending the manifest. */
  async findDigest(tag: string, signal?: AbortSignal): Promise<Digest | undefined> {
    return this.#anywhere(signal, async (session) => {
      const response = await session.sendPatiently({
        ...this.#manifestRequest(tag, signal),
        method: 'HEAD',
        accept: [200, 404, 405],
      });
      discard(response);
      const digest = response.headers['docker-content-digest'];
      return typeof digest === 'string' && response.status === 200 && isDigest(digest) ? digest : undefined;
    });
  }

  /** The bytes of a blob: checked as they pass, resumed when cut. */
  fetchBlob(
    blob: Pick<Descriptor, 'digest' | 'size'>,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer, void, void> {
    const open = (offset: number) =>
      this.#anywhere(signal, (session) =>
        session.send({
          method: 'GET',
          url: `/v2/${this.#path}/blobs/${blob.digest}`,
          headers:
            offset === 0
              ? { 'accept-encoding': 'identity' }
              : { 'accept-encoding': 'identity', range: `bytes=${offset}-` },
          scopes: [this.#scope],
          accept: offset === 0 ? [200] : [200, 206],
          signal,
        }),
      );
    return fetchBlob(blob, { open, retry: this.#session.retry, signal });
  }

  /** The size of a blob that the registry has, or undefined. */
  async findBlob(digest: Digest, signal?: AbortSignal): Promise<number | undefined> {
    const url = `/v2/${this.#path}/blobs/${digest}`;
    const response = await this.#session.sendPatiently({
      method: 'HEAD',
      url,
      scopes: [this.#scope],
      accept: [200, 404],
      signal,
    });
    discard(response);
    return response.status === 200 ? Number(response.headers['content-length'] ?? 0) : undefined;
  }

  /** Takes a blob over from another repository of the same registry. @returns whether it could */
  async mountBlob(digest: Digest, from: string, signal?: AbortSignal): Promise<boolean> {
    const response = await this.#session.sendPatiently({
      ...this.#uploadRequest(`?mount=${digest}&from=${encodeURIComponent(from)}`, signal),
      scopes: [this.#scope, `repository:${from}:pull`],
    });
    if (response.status === 201) {
      discard(response);
      return true;
    }
    // The registry opened an upload instead: nobody will use it.
    const url = locationOf(response, { session: this.#session });
    await this.#session
      .send({ method: 'DELETE', url, scopes: [this.#scope], accept: [204, 200, 202], signal })
      .then(discard, () => undefined);
    return false;
  }

  /** Sends a blob. @returns what its bytes were */
  async uploadBlob(source: UploadSource, signal?: AbortSignal): Promise<Uploaded> {
    const session = this.#session;
    const reopen = async () =>
      locationOf(await session.sendPatiently(this.#uploadRequest('', signal)), { session });
    return uploadBlob(await reopen(), source, { session, scopes: [this.#scope], signal, reopen });
  }

  /** @returns the manifest's digest, on which both sides agree */
  async putManifest(tag: string, bytes: Buffer, mediaType: string, signal?: AbortSignal): Promise<Digest> {
    const response = await this.#session.sendPatiently({
      method: 'PUT',
      url: `/v2/${this.#path}/manifests/${tag}`,
      headers: { 'content-type': mediaType },
      body: bytes,
      scopes: [this.#scope],
      accept: [201, 200, 202],
      signal,
    });
    discard(response);
    return digestOf(bytes);
  }

  /** Every tag of the repository, page by page. */
  async listTags(signal?: AbortSignal): Promise<readonly string[]> {
    const tags: string[] = [];
    let url: string | undefined = `/v2/${this.#path}/tags/list`;
    while (url !== undefined && tags.length < maxTags) {
      const response = await this.#session.sendPatiently({
        method: 'GET',
        url,
        scopes: [this.#scope],
        accept: [200],
        signal,
      });
      tags.push(...tagsOf(await readBody(response, maxListBytes)));
      url = /<([^>]+)>;\s*rel="?next"?/.exec(String(response.headers['link'] ?? ''))?.[1];
    }
    return tags;
  }

  get #session(): Session {
    return this.#sessions[this.#current]!;
  }

  /** Asks the session that answered last, and when it refuses those after it. */
  async #anywhere<T>(signal: AbortSignal | undefined, ask: (session: Session) => Promise<T>): Promise<T> {
    for (;;) {
      const asked = this.#current;
      try {
        return await ask(this.#session);
      } catch (error) {
        if (signal?.aborted || asked + 1 >= this.#sessions.length) throw error;
        // Several layers may fail at once: together they move on by one.
        if (this.#current === asked) this.#current += 1;
      }
    }
  }

  #manifestRequest(target: string, signal: AbortSignal | undefined) {
    const headers = { accept: manifestTypes.join(', ') };
    return { url: `/v2/${this.#path}/manifests/${target}`, headers, scopes: [this.#scope], signal };
  }

  #uploadRequest(query: string, signal: AbortSignal | undefined) {
    const url = `/v2/${this.#path}/blobs/uploads/${query}`;
    return {
      method: 'POST',
      url,
      body: Buffer.alloc(0),
      scopes: [this.#scope],
      accept: [202, 201],
      signal,
    } as const;
  }
}

function verified(bytes: Buffer, digest: Digest): Digest {
  const algorithm = digest.slice(0, digest.indexOf(':'));
  if (`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` !== digest)
    throw invalid(`manifest verification failed for digest ${digest}`);
  return digest;
}

function tagsOf(body: Buffer): string[] {
  try {
    const { tags } = JSON.parse(body.toString()) as { tags?: unknown };
    if (tags === null || tags === undefined) return [];
    if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  } catch {}
  throw unexpected('its list of tags is none');
}

/** Whether the registry says that something is not there. */
export const isUnknown = (error: unknown): boolean => error instanceof RegistryError && error.status === 404;
