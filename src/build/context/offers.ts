import type { ContextAnswer, ContextDigests, ContextOffer } from '#api/build.ts';
import { conflict, invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import type { HeldContext, HeldContexts } from './held-contexts.ts';
import { OfferedContext } from './offered-context.ts';
import type { Origins } from './origins.ts';
import type { Packs } from './packs.ts';
import { receiveFiles } from './receive-files.ts';
import { RememberedContexts } from './remembered.ts';

const maxOrigin = 4096;

/** The three rounds in which a context is sent as a difference: a listing, digests of what is not known by it, bytes. */
export class Offers {
  readonly #packs: Packs;
  readonly #origins: Origins;
  readonly #held: HeldContexts<HeldContext>;
  readonly #now: () => Date;
  readonly #remembered = new RememberedContexts();

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
  offer({ origin = '', listing = '', files, at }: ContextOffer): ContextAnswer {
    if (typeof origin !== 'string' || origin.length > maxOrigin)
      throw invalid('an invalid origin of a context');
    if (listing !== '' && !isDigest(listing))
      throw invalid(`invalid checksum digest format: ${JSON.stringify(listing)}`);
    if (listing !== '' && files === undefined) return this.#again(origin, listing);
    const id = newId();
    const context = new OfferedContext({
      listing,
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
    for (const context of this.#held.all()) for (const digest of context.needed?.() ?? []) pinned.add(digest);
    return pinned;
  }

  close(): void {
    this.#remembered.close();
  }

  /** What is remembered is so only as long as the directory's contents are known to be here. */
  #again(origin: string, listing: string): ContextAnswer {
    const remembered = this.#remembered.find(origin, listing);
    if (remembered === undefined || !this.#origins.touch(origin)) return { id: '', wanted: [] };
    const id = newId();
    this.#held.add(id, remembered.context, remembered.digests);
    return { id, wanted: [] };
  }

  #offered(id: string): OfferedContext {
    const context = this.#held.get(id);
    if (!(context instanceof OfferedContext) || context.whole || context.busy)
      throw conflict(`The build context ${id} awaits nothing`);
    return context;
  }

  #answer(id: string, context: OfferedContext): ContextAnswer {
    if (context.whole) this.#keep(context);
    return { id, wanted: context.asks };
  }

  #keep(context: OfferedContext): void {
    const { name, listing, files } = context;
    const lasting = context.lasting();
    if (lasting !== undefined) this.#origins.save(name, lasting);
    if (listing !== '' && context.isLasting)
      this.#remembered.remember(name, { listing, files, context: context.again() });
    else this.#remembered.forget(name);
  }
}
