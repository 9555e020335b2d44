import { KeyedLock } from '#base/keyed-lock.ts';
import type { Collected } from '../api/administration.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { type CollectOptions, collect } from './collect.ts';
import { schedule } from './schedule.ts';
import { type Scrubbed, type ScrubOptions, scrub } from './scrub.ts';

const hour = 3600;
const scrubAge = 30 * 24 * hour;
const scrubBytesPerSecond = 16 << 20;

type UpkeepRooms = Pick<HubRooms, 'records' | 'now' | 'log'>;

/** What keeps a Hub small and whole while it serves. */
export class Upkeep {
  readonly #rooms: UpkeepRooms;
  readonly #store: BlobStore;
  readonly #locks: KeyedLock;
  readonly #turns = new KeyedLock();

  /** @param options.locks by digest: an upload becomes a blob under them */
  constructor(rooms: UpkeepRooms, options: { readonly store: BlobStore; readonly locks: KeyedLock }) {
    this.#rooms = rooms;
    this.#store = options.store;
    this.#locks = options.locks;
  }

  /** One collection; a second waits for its turn. The grace time is the settings' where none is given. */
  async collect(options: Partial<CollectOptions> = {}): Promise<Collected> {
    using _turn = await this.#turns.acquire('collect', options.signal);
    const { records, log } = this.#rooms;
    const { graceHours, untaggedHours } = await records.settings.get();
    const collected = await collect(
      { rooms: this.#rooms, store: this.#store, locks: this.#locks },
      {
        graceSeconds: graceHours * hour,
        ...(untaggedHours !== undefined && { untaggedSeconds: untaggedHours * hour }),
        ...options,
      },
    );
    await records.settings.setLastCollection(collected);
    const { at: _at, ...fields } = collected;
    log.info('collected', fields);
    return collected;
  }

  async scrub(options: ScrubOptions = {}): Promise<Scrubbed> {
    using _turn = await this.#turns.acquire('scrub', options.signal);
    return await scrub({ rooms: this.#rooms, store: this.#store }, options);
  }

  /** A collection every hour, and each blob read once in thirty days, at a pace that leaves the disk to others. */
  start(): AsyncDisposable {
    return schedule(
      [
        {
          ...{ name: 'collection', everySeconds: hour, afterSeconds: 5 * 60 },
          run: async (signal) => void (await this.collect({ signal })),
        },
        {
          ...{ name: 'scrub', everySeconds: hour, afterSeconds: 10 * 60 },
          run: async (signal) =>
            void (await this.scrub({
              ...{ olderThanSeconds: scrubAge, bytesPerSecond: scrubBytesPerSecond, signal },
            })),
        },
      ],
      this.#rooms.log,
    );
  }
}
