import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { conflict, messageOf, notFound } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import { packTree, unpackInto } from '#snapshot/index.ts';
import type { MountedRootfs } from '#snapshot/snapshotter.ts';
import { Trash } from '#snapshot/trash.ts';
import { usageOf } from '#snapshot/upper/usage.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';
import type { StepMount, StepRunner } from '../run-step.ts';
import { type CacheRow, CacheRows } from './cache-rows.ts';

type CacheMount = Extract<StepMount, { readonly type: 'cache' }>;

export interface CacheUse extends AsyncDisposable {
  readonly folder: string;
}

interface AcquireOptions {
  readonly step: string;
  readonly signal: AbortSignal;
  /** What a new cache begins with. */
  readonly view: () => Promise<MountedRootfs | undefined>;
}

/** The folders of cache mounts: a row, then a folder that comes to be whole under its name. */
export class CacheMounts {
  readonly #rows: CacheRows;
  readonly #root: string;
  readonly #trash: Trash;
  readonly #log: Log;
  readonly #locks = new KeyedLock();
  /** While a folder is made. */
  readonly #making = new KeyedLock();
  readonly #users = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  readonly #unmeasured = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #measuring: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: { readonly database: Database; readonly paths: Paths; readonly log: Log }) {
    this.#rows = new CacheRows(options.database);
    this.#root = options.paths.buildFolder('caches');
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    this.#trash = new Trash(join(this.#root, trashName), options.log);
    this.#log = options.log;
  }

  /**
   * The folder of a cache for one step: `locked` waits for who has it, `private` takes another when someone does.
   *
   * @throws the signal's reason
   */
  async acquire(mount: CacheMount, options: AcquireOptions): Promise<CacheUse> {
    const held = new DisposableStack();
    try {
      if (mount.sharing === 'locked') held.use(await this.#locks.acquire(mount.id, options.signal));
      const id = mount.sharing === 'private' ? this.#freeId(mount.id) : mount.id;
      held.use(this.#count(id));
      const folder = await this.#folderOf(id, mount, options);
      return {
        folder,
        [Symbol.asyncDispose]: async () => {
          held.dispose();
          this.#measure(id);
        },
      };
    } catch (error) {
      held.dispose();
      throw error;
    }
  }

  /** The id itself, or the first of its copies that nobody has. */
  #freeId(id: string): string {
    for (let copy = 1; ; copy += 1) {
      const candidate = copy === 1 ? id : `${id} (${copy})`;
      if (!this.#users.has(candidate)) return candidate;
    }
  }

  #count(id: string): Disposable {
    this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#users.get(id) ?? 1) - 1;
        if (left > 0) this.#users.set(id, left);
        else this.#users.delete(id);
      },
    };
  }

  async #folderOf(id: string, mount: CacheMount, options: AcquireOptions): Promise<string> {
    using _held = await this.#making.acquire(id, options.signal);
    const row = this.#rows.use(id);
    const folder = join(this.#root, row.folder);
    if (existsSync(folder)) return folder;
    await this.#make(folder, mount, options);
    return folder;
  }

  async #make(folder: string, mount: CacheMount, { view }: AcquireOptions): Promise<void> {
    const making = `${folder}.${newId().slice(0, 8)}${unfinished}`;
    mkdirSync(making, { mode: 0o700 });
    try {
      const mounted = await view();
      if (mounted !== undefined) await fill(making, mounted, mount.source);
      chownSync(making, mount.uid, mount.gid);
      chmodSync(making, mount.mode);
      renameSync(making, folder);
    } catch (error) {
      await this.#trash.take(making);
      throw error;
    }
  }

  list(): ReturnType<StepRunner['caches']> {
    return this.#rows.list().map(({ id, createdAt, usedAt, uses }) => ({
      id,
      size: this.#sizes.get(id) ?? 0,
      createdAt,
      lastUsedAt: usedAt,
      uses,
      inUse: this.#users.has(id),
    }));
  }

  /** @throws {EngineError} `conflict` while a step has it, `notFound` */
  async remove(id: string): Promise<void> {
    if (this.#users.has(id)) throw conflict(`cache mount ${id} is in use`);
    const row = this.#rows.find(id);
    if (row === undefined) throw notFound('cache mount', id);
    this.#rows.delete(id);
    this.#sizes.delete(id);
    await this.#trash.take(join(this.#root, row.folder));
  }

  /** At boot: folders without a row go, and sizes are taken in the background. */
  async recover(): Promise<void> {
    const known = new Map<string, CacheRow>(this.#rows.list().map((row) => [row.folder, row]));
    for (const name of readdirSync(this.#root))
      if (name !== trashName && !known.has(name)) await this.#trash.take(join(this.#root, name));
    this.#trash.empty();
    for (const { id } of known.values()) this.#measure(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#measuring;
    await this.#trash.close();
  }

  /** Takes a cache's size in a moment, once for all uses until then. */
  #measure(id: string): void {
    this.#unmeasured.add(id);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#measuring = this.#measuring.then(() => this.#measureAll());
    }, measureDelay).unref();
  }

  async #measureAll(): Promise<void> {
    for (const id of this.#unmeasured) {
      this.#unmeasured.delete(id);
      if (this.#closed) return;
      const row = this.#rows.find(id);
      if (row === undefined) continue;
      try {
        const { size } = await usageOf(join(this.#root, row.folder));
        this.#sizes.set(id, size);
      } catch (error) {
        this.#log.debug('cannot measure a cache mount', { id, error: messageOf(error) });
      }
    }
  }
}

const measureDelay = 500;
const trashName = '.trash';
const unfinished = '.new';

/** Copies what is at a path of a mounted tree into a new folder. */
async function fill(folder: string, mounted: MountedRootfs, source: string): Promise<void> {
  await using tree = mounted;
  const root = openSync(folder, 'r');
  try {
    await unpackInto(root, packTree(tree.fd, source, { name: '' }), { whiteouts: 'literal' });
  } finally {
    closeSync(root);
  }
}
