import type { ImageInspect, ImageSummary, JSONMessage } from '#api/image.ts';
import type { Credentials } from '#distribution/credentials.ts';
import type { FoundRepository } from '#distribution/search.ts';
import type { Filters } from '#events/filters.ts';
import type { Digest } from '#oci/digest.ts';
import { commitImage, createImage, importImage } from './create.ts';
import { findImage, noSuchImage } from './find-image.ts';
import type {
  CommitRequest,
  CreateRequest,
  Image,
  Images,
  ImportRequest,
  PullRequest,
  PushRequest,
  SaveOptions,
} from './images.ts';
import { historyOf, inspectImage } from './inspect.ts';
import { type ListOptions, listImages } from './list.ts';
import { load } from './load.ts';
import type { Operations } from './operations.ts';
import type { Report } from './progress.ts';
import { pruneImages } from './prune.ts';
import { pull, pullReference } from './pull.ts';
import { push, pushTarget } from './push.ts';
import { type RemoveOptions, removeImage } from './remove.ts';
import type { Rooms } from './rooms.ts';
import { save, savedImages } from './save.ts';
import { type SearchRequest, searchImages } from './search.ts';
import { newName, tagImage } from './tag.ts';

/** The verbs of the room, each a file of its own, over what they share. */
export class EngineImages implements Images {
  readonly #rooms: Rooms;
  readonly #operations: Operations;

  constructor(rooms: Rooms, operations: Operations) {
    this.#rooms = rooms;
    this.#operations = operations;
  }

  get(name: string): Image {
    const image = this.find(name);
    if (image === undefined) throw noSuchImage(name);
    return image;
  }

  find(name: string): Image | undefined {
    const found = findImage(this.#rooms.records, name);
    return found === undefined ? undefined : this.#rooms.records.find(found.id);
  }

  list(options: ListOptions = {}): readonly ImageSummary[] {
    return listImages(this.#rooms, options);
  }

  inspect(name: string): ImageInspect {
    return inspectImage(this.#rooms, this.get(name));
  }

  history(name: string) {
    return historyOf(this.#rooms, this.get(name));
  }

  pull(request: PullRequest): AsyncIterable<JSONMessage> {
    pullReference(request);
    return this.#operations.run(
      (report, signal) => pull(this.#rooms, request, report, signal),
      request.signal,
    );
  }

  push(request: PushRequest): AsyncIterable<JSONMessage> {
    const target = pushTarget(request);
    return this.#operations.run(
      (report, signal) => push(this.#rooms, { ...request, ...target }, report, signal),
      request.signal,
    );
  }

  load(
    tar: AsyncIterable<Uint8Array>,
    options: { readonly quiet?: boolean; readonly platform?: string; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<JSONMessage> {
    const { quiet = false, platform, signal } = options;
    return this.#operations.run(
      (report, inner) => load(this.#rooms, { tar, quiet, platform }, report, inner),
      signal,
    );
  }

  save(names: readonly string[], options: SaveOptions = {}): AsyncIterable<Uint8Array> {
    const saved = savedImages(this.#rooms, names);
    const { as } = options;
    const renamed =
      as === undefined
        ? saved
        : saved.map(({ image }) => ({ image, names: as.map((name) => newName(name)) }));
    return save(this.#rooms, renamed, options.signal);
  }

  import(request: ImportRequest): AsyncIterable<JSONMessage> {
    const work = async (report: Report, signal: AbortSignal) =>
      report(await importImage(this.#rooms, request, signal));
    return this.#operations.run(work, request.signal);
  }

  commit(request: CommitRequest): Promise<Image> {
    return commitImage(this.#rooms, request);
  }

  async create(request: CreateRequest): Promise<Image> {
    await this.#rooms.snapshotter.sync();
    return createImage(this.#rooms, request);
  }

  tag(name: string, repository: string, tag?: string): void {
    tagImage(this.#rooms, this.get(name).id, newName(repository, tag));
  }

  remove(name: string, options: RemoveOptions = {}) {
    return removeImage(this.#rooms, name, options);
  }

  prune(filters: Filters = {}) {
    return pruneImages(this.#rooms, filters);
  }

  async login(credentials: Credentials, options: { readonly signal?: AbortSignal } = {}) {
    return { identityToken: await this.#rooms.client.login(credentials, options.signal) };
  }

  search(request: SearchRequest): Promise<readonly FoundRepository[]> {
    return searchImages(this.#rooms.client, request);
  }

  holdLayers(diffIds: readonly Digest[]): Disposable {
    return this.#rooms.layers.hold(diffIds);
  }

  storeLayer(tar: AsyncIterable<Uint8Array>, held: DisposableStack, signal?: AbortSignal): Promise<Digest> {
    return this.#rooms.layers.ingest(tar, held, signal, 'later');
  }

  async collectLayers(): Promise<void> {
    await this.#rooms.layers.collect();
  }

  layersSize(): number {
    return this.#rooms.snapshotter.listLayers().reduce((sum, { size }) => sum + size, 0);
  }

  count(): number {
    return this.#rooms.records.count();
  }

  async close(): Promise<void> {
    await this.#operations.close();
    this.#rooms.client[Symbol.dispose]();
  }
}
