import type { ContextAnswer, ContextDigests, ContextOffer } from '#api/build.ts';
import { conflict, invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import type { HeldContext, HeldContexts } from './held-contexts.ts';
import { OfferedContext } from './offered-context.ts';
import type { Origins } from './origins.ts';
import type { Packs } from './packs.ts';
import { receiveFiles } from './receive-files.ts';

const maxOrigin = 4096;

/** The three rounds in which a context is sent as a difference: a listing, digests of what is not known by it, bytes. */
export class Offers {
  readonly #packs: Packs;
  readonly #origins: Origins;
  readonly #held: HeldContexts<HeldContext>;
  readonly #now: () => Date;

  constructor(options: {
    readonly packs: Packs;
    readonly origins: Origins;
    readonly held: HeldContexts<HeldContext>;
    readonly now: () => Date;
  }) {
    this.#packs = options.packs;
    this.#origins = options.origins;
    this.#held = options.held;
    this.#now = options.now;
  }

  /** @throws {EngineError} `invalid` naming what is wrong with the listing */
  offer({ origin = '', files, at }: ContextOffer): ContextAnswer {
    if (typeof origin !== 'string' || origin.length > maxOrigin)
      throw invalid('an invalid origin of a context');
    const id = newId();
    const context = new OfferedContext({
      origin,
      files: files ?? [],
      known: this.#origins.load(origin),
      listedAt: typeof at === 'number' ? at : this.#now().getTime(),
      open: (digest) => this.#packs.open(digest),
    });
    this.#held.add(id, context);
    return this.#answer(id, context);
  }

  /** @throws {EngineError} `notFound`; `conflict` when it is not awaited; `invalid` for what is no digest */
  digests(id: string, { digests = {} }: ContextDigests): ContextAnswer {
    const context = this.#offered(id);
    const told = new Map<number, Digest>();
    for (const [index, digest] of Object.entries(digests)) {
      if (!isDigest(digest) || !digest.startsWith('sha256:'))
        throw invalid(`invalid checksum digest format: ${JSON.stringify(digest)}`);
      told.set(Number(index), digest);
    }
    this.#packs.database.transaction(() => context.takeDigests(told, (digest) => this.#packs.use(digest)));
    return this.#answer(id, context);
  }

  /** What was received whole is durable when it resolves. @throws as `digests`; what the source and the signal throw */
  async files(id: string, tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<ContextAnswer> {
    const context = this.#offered(id);
    context.busy = true;
    try {
      await using writer = await this.#packs.writer();
      const received = await receiveFiles(tar, context, { writer, signal });
      await this.#packs.commit(writer, (files) => this.#packs.record(writer.name, files));
      for (const [index, { digest, size }] of received) context.takeBytes(index, digest, size);
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      context.busy = false;
    }
    return this.#answer(id, context);
  }

  /** Contents that contexts on their way to a build, or in one, need. */
  pinned(): ReadonlySet<Digest> {
    const pinned = new Set<Digest>();
    for (const context of this.#held.all())
      if (context instanceof OfferedContext) for (const digest of context.digests()) pinned.add(digest);
    return pinned;
  }

  #offered(id: string): OfferedContext {
    const context = this.#held.get(id);
    if (!(context instanceof OfferedContext) || context.whole || context.busy)
      throw conflict(`The build context ${id} awaits nothing`);
    return context;
  }

  #answer(id: string, context: OfferedContext): ContextAnswer {
    const lasting = context.whole ? context.lasting() : undefined;
    if (lasting !== undefined) this.#origins.save(context.name, lasting);
    return { id, wanted: context.asks };
  }
}
