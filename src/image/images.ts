import type {
  HistoryResponseItem,
  ImageDeleteResponseItem,
  ImageInspect,
  ImageSummary,
  JSONMessage,
} from '#api/image.ts';
import type { Log } from '#base/log.ts';
import type { Credentials } from '#distribution/credentials.ts';
import type { RegistryConfig } from '#distribution/registry-config.ts';
import type { FoundRepository } from '#distribution/search.ts';
import type { Events } from '#events/events.ts';
import type { Filters } from '#events/filters.ts';
import type { Digest } from '#oci/digest.ts';
import type { ImageConfig, ImageRunConfig } from '#oci/image-config.ts';
import type { Snapshotter } from '#snapshot/snapshotter.ts';
import type { Database } from '#state/database.ts';
import type { SearchRequest } from './search.ts';

/** An image as the engine holds it: the config says all but names. */
export interface Image {
  /** The config's digest. */
  readonly id: Digest;
  readonly config: ImageConfig;
  /** The config's bytes, whose digest is the id. */
  readonly rawConfig: string;
  /** diffIDs, bottom first: what `snapshotter.prepare` takes. */
  readonly layers: readonly Digest[];
  /** Sum of the layers' sizes. */
  readonly size: number;
  /** The image this one was committed or built on, when it was made here. */
  readonly parent: Digest | undefined;
}

/** A container that holds an image, as `remove` asks about it. */
export interface ImageUser {
  readonly containerId: string;
  readonly running: boolean;
}

/** Applies lines of a Dockerfile: `commit --change`, `import --change`. */
export type ChangedConfig = (config: ImageRunConfig, changes: readonly string[]) => ImageRunConfig;

export interface ImagesOptions {
  readonly database: Database;
  /** The content store's folder: `paths.content`. */
  readonly contentRoot: string;
  readonly snapshotter: Snapshotter;
  readonly registry: RegistryConfig;
  /** Containers that were made from an image, whatever their state. */
  readonly usersOf: (imageId: Digest) => readonly ImageUser[];
  /** How instructions change a config, which a room above knows. @throws {EngineError} `invalid` */
  readonly changedConfig: ChangedConfig;
  readonly events?: Pick<Events, 'publish'>;
  /** Called when the last pull, push, load or import under way has ended: a time to give memory back. */
  readonly onIdle?: () => void;
  readonly log: Log;
  readonly now?: () => Date;
  /** How many layers are fetched at once by all pulls; Docker's default is 3. */
  readonly maxConcurrentDownloads?: number;
  /** Likewise pushed; Docker's default is 5. */
  readonly maxConcurrentUploads?: number;
}

export interface PullRequest {
  /** `busybox`, `busybox:1.36`, `host:5000/a/b@sha256:…`: `fromImage` of `POST /images/create`. */
  readonly name: string;
  /** Tag or digest given apart, as the API has it; it wins over one in `name`. '' or absent: that of `name`, else `latest`. */
  readonly tag?: string;
  /** Every tag of the repository: `docker pull -a`. */
  readonly allTags?: boolean;
  /** `linux/arm64/v8`; this machine's when absent. */
  readonly platform?: string;
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
}

export interface PushRequest {
  readonly name: string;
  /** Absent or '': the tag of `name`, else every tag of the repository. */
  readonly tag?: string;
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
}

export interface ImportRequest {
  /** A root file system's tar, plain or compressed. */
  readonly tar: AsyncIterable<Uint8Array>;
  /** `repository[:tag]` to give it. */
  readonly name?: string;
  readonly platform?: string;
  readonly message?: string;
  /** Dockerfile instructions: `CMD ["sh"]`, `ENV A=b`. */
  readonly changes?: readonly string[];
  /** `fromSrc` as the history shows it: '-' or a URL. */
  readonly source?: string;
  readonly signal?: AbortSignal;
}

export interface CommitRequest {
  /** The image the container was made from; absent for one from scratch. */
  readonly parent: Digest | undefined;
  /** What the container changed: `snapshotter.diffTar(key)`. */
  readonly tar: AsyncIterable<Uint8Array>;
  /** The container's Config; `changes` are applied to it. */
  readonly config: ImageRunConfig;
  readonly changes?: readonly string[];
  readonly author?: string;
  readonly message?: string;
  /** `repository[:tag]` to give it. */
  readonly name?: string;
  /** What the history shows as `created_by`: the container's command line. */
  readonly createdBy?: string;
}

export interface SaveOptions {
  readonly signal?: AbortSignal;
  /** Names inside the archive, instead of those that the images have. */
  readonly as?: readonly string[];
}

export interface CreateRequest {
  /** A whole config; its diffIDs must be stored (and held, see `holdLayers`). */
  readonly config: ImageConfig;
  readonly parent?: Digest;
  readonly names?: readonly string[];
}

/**
 * The images of an engine. A name is anything that Docker takes for an image: id, short id, reference, name@digest.
 *
 * An image is listed once it is whole, and removing one is a single transaction: a crash leaves it or takes it.
 */
export interface Images {
  /** @throws {EngineError} `notFound`, `No such image: x:latest`; `invalid` for no reference at all */
  get(name: string): Image;
  find(name: string): Image | undefined;
  list(options?: {
    readonly all?: boolean;
    readonly filters?: Filters;
    readonly sharedSize?: boolean;
    readonly containers?: boolean;
  }): readonly ImageSummary[];
  inspect(name: string): ImageInspect;
  history(name: string): readonly HistoryResponseItem[];

  pull(request: PullRequest): AsyncIterable<JSONMessage>;
  push(request: PushRequest): AsyncIterable<JSONMessage>;
  load(
    tar: AsyncIterable<Uint8Array>,
    options?: { readonly quiet?: boolean; readonly platform?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<JSONMessage>;
  /** One tar that is both docker-archive and OCI layout. Throws on an unknown name before its first byte. */
  save(names: readonly string[], options?: SaveOptions): AsyncIterable<Uint8Array>;
  import(request: ImportRequest): AsyncIterable<JSONMessage>;

  commit(request: CommitRequest): Promise<Image>;
  /** Records an image whose layers are stored: what a build ends with. */
  create(request: CreateRequest): Promise<Image>;
  /** `repository` may carry the tag; `latest` when neither does. */
  tag(name: string, repository: string, tag?: string): void;
  remove(
    name: string,
    options?: { readonly force?: boolean; readonly noPrune?: boolean },
  ): Promise<readonly ImageDeleteResponseItem[]>;
  prune(
    filters?: Filters,
  ): Promise<{ readonly deleted: readonly ImageDeleteResponseItem[]; readonly spaceReclaimed: number }>;

  /** Checks credentials with a registry, for `POST /auth`. @returns an identity token where the registry gives one */
  login(
    credentials: Credentials,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly identityToken: string }>;

  /** Repositories that a registry finds. @throws {EngineError} `invalid` for a term, limit or filter that is none */
  search(request: SearchRequest): Promise<readonly FoundRepository[]>;

  /** Keeps layers while they are stacked but no image or snapshot names them yet: dispose when one does. */
  holdLayers(diffIds: readonly Digest[]): Disposable;
  /**
   * Stores the layer whose tar passes and holds it: nothing can collect it before `held` is disposed. It is durable once
   * an image has it; until then a power cut may take it away whole.
   *
   * @returns its diffID; that of an empty tar too
   */
  storeLayer(tar: AsyncIterable<Uint8Array>, held: DisposableStack, signal?: AbortSignal): Promise<Digest>;
  /** Removes layers that nothing names any more: after a container is removed whose image had gone before. */
  collectLayers(): Promise<void>;
  /** Bytes of all layers: `LayersSize` of `GET /system/df`. */
  layersSize(): number;
  /** How many images there are, for `info`. */
  count(): number;
  close(): Promise<void>;
}

export { openImages } from './open.ts';
