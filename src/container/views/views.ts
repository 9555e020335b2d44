import type {
  ContainerInspectResponse,
  ContainerStatsResponse,
  ContainerSummary,
  ContainerTopResponse,
  FilesystemChange,
} from '#api/index.ts';
import type { Container } from '../container.ts';
import type { ContainerViews, ListOptions } from '../containers.ts';
import { isAlive } from '../life.ts';
import type { Rooms } from '../rooms.ts';
import { ownMountPoints } from '../spec/mounts.ts';
import { checkFilters, impliesAll, matcher } from './filter.ts';
import { inspectReply } from './inspect.ts';
import { type StatsOptions, statsOf } from './stats.ts';
import { summaryJson, summaryOf } from './summary.ts';
import { topOf } from './top.ts';

const kinds = { modified: 0, added: 1, deleted: 2 } as const;

/** What containers look like from outside; nothing here changes one. */
export class Views implements ContainerViews {
  readonly #rooms: Rooms;
  /** The whole list as it was last answered: good while nothing changes and the second lasts. */
  readonly #lists = new Map<
    boolean,
    { readonly version: number; readonly second: number; readonly json: string }
  >();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  async list(options: ListOptions = {}): Promise<readonly ContainerSummary[]> {
    const chosen = this.#chosen(options);
    return Promise.all(
      chosen.map(async (container) => ({
        ...summaryOf(container, this.#rooms),
        ...(options.size === true ? await this.#sizes(container) : {}),
      })),
    );
  }

  listJson(options: ListOptions = {}): string | Promise<string> {
    if (options.size === true) return this.list(options).then((list) => JSON.stringify(list));
    if (options.limit || Object.keys(options.filters ?? {}).length > 0) return this.#json(options);
    const all = options.all === true;
    const kept = this.#lists.get(all);
    const second = Math.floor(this.#rooms.now().getTime() / 1000);
    const { version } = this.#rooms.store;
    if (kept?.version === version && kept.second === second) return kept.json;
    const json = this.#json(options);
    this.#lists.set(all, { version, second, json });
    return json;
  }

  async inspect(
    reference: string,
    options: { readonly size?: boolean } = {},
  ): Promise<ContainerInspectResponse> {
    const container = this.#rooms.store.get(reference);
    const reply = inspectReply(container, this.#rooms);
    return options.size === true ? { ...reply, ...(await this.#sizes(container)) } : reply;
  }

  top(reference: string, psArguments?: string): Promise<ContainerTopResponse> {
    return topOf(this.#rooms.store.get(reference), psArguments);
  }

  stats(reference: string, options: StatsOptions = {}): AsyncIterable<ContainerStatsResponse> {
    return statsOf(this.#rooms.store.get(reference), options, this.#rooms);
  }

  async changes(reference: string): Promise<readonly FilesystemChange[]> {
    const { id } = this.#rooms.store.get(reference);
    const changes = await this.#rooms.snapshotter.changes(id, { mountPoints: ownMountPoints });
    return changes.map(({ kind, path }) => ({ Path: path, Kind: kinds[kind] }));
  }

  counts(): { readonly running: number; readonly paused: number; readonly stopped: number } {
    const all = this.#rooms.store.list();
    const paused = all.filter(({ state }) => state.status === 'paused').length;
    const running = all.filter(
      ({ state }) => state.status === 'running' || state.status === 'restarting',
    ).length;
    return { running, paused, stopped: all.length - paused - running };
  }

  #json(options: ListOptions): string {
    const now = this.#rooms.now().getTime();
    return `[${this.#chosen(options)
      .map((container) => summaryJson(container, this.#rooms, now))
      .join(',')}]`;
  }

  /** Newest first. */
  #chosen({ all, limit = 0, filters = {} }: ListOptions): readonly Container[] {
    checkFilters(filters);
    const matches = matcher(filters, this.#rooms);
    const everything = all === true || limit > 0 || impliesAll(filters);
    const chosen = this.#rooms.store
      .list()
      .filter((container) => (everything || isShown(container)) && matches(container))
      .toReversed();
    return limit > 0 ? chosen.slice(0, limit) : chosen;
  }

  async #sizes({ id, record }: Container): Promise<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
    const { size } = await this.#rooms.snapshotter.usage(id);
    const image = this.#rooms.images.find(record.imageId);
    return { SizeRw: size, SizeRootFs: size + (image?.size ?? 0) };
  }
}

const isShown = ({ state: { status } }: Container): boolean => isAlive(status) || status === 'restarting';
