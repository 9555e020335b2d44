import type { Duplex } from 'node:stream';
import type {
  BuildCache,
  BuildEvent,
  BuildRequest,
  BuildSummary,
  ContextAnswer,
  ContextDigests,
  ContextOffer,
} from '#api/index.ts';
import type { Filters } from '#events/filters.ts';

export interface CachePrune {
  /** Also what is in use by later steps and images' own layers. */
  readonly all?: boolean;
  readonly filters?: Filters;
  /** Docker's policy fields, bytes. */
  readonly reservedSpace?: number;
  readonly maxUsedSpace?: number;
  readonly minFreeSpace?: number;
}

/** The builder: what the engine has one of. */
export interface Builds {
  /**
   * Builds, and tells as it goes; the last event is `finished`. Ending the iteration or the signal cancels everything at
   * once. Throws only for a request that cannot begin; what goes wrong later is told in `finished`.
   */
  build(request: BuildRequest, signal?: AbortSignal): AsyncIterable<BuildEvent>;
  /** @throws `notFound` */
  cancel(id: string): void;
  /** The bytes of an output that the build told of. */
  output(id: string, n: number): AsyncIterable<Uint8Array>;
  /** A connection to an agent of the client's, to be used once. Resolves when it was used and has ended, or the build has. */
  offerAgent(id: string, name: string, connection: Duplex): Promise<void>;

  readonly contexts: Contexts;

  history(): readonly BuildSummary[];
  /** A build that was, or is: by id or its unique beginning. @throws `notFound` */
  get(id: string): BuildSummary;
  /** The events of a build that was, as they were told. @throws `notFound` */
  events(id: string): AsyncIterable<BuildEvent>;
  /** Forgets a build. @throws `notFound` */
  forget(id: string): Promise<void>;

  /** What the cache holds: steps' layers, cache mounts, contexts. */
  usage(): readonly BuildCache[];
  prune(
    options?: CachePrune,
  ): Promise<{ readonly deleted: readonly string[]; readonly spaceReclaimed: number }>;
  close(): Promise<void>;
}

/** Build contexts as they come in. */
export interface Contexts {
  /** A tar, plain or compressed, kept until the build that names its id has ended (an hour when none does). */
  receive(tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<{ readonly id: string }>;
  /** The three rounds of a context that is sent as a difference. */
  offer(offer: ContextOffer): Promise<ContextAnswer>;
  digests(id: string, digests: ContextDigests): Promise<ContextAnswer>;
  /** A tar of the wanted files, each named by its index. */
  files(id: string, tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<ContextAnswer>;
}
