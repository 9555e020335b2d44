import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Volume, VolumeCreateOptions, VolumeListResponse, VolumePruneResponse } from '#api/index.ts';
import { conflict, EngineError, invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { KeyedLock } from '#base/keyed-lock.ts';
import type { Events, Filters } from '#events/index.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';
import { checkedOptions } from './local-options.ts';
import { matchesVolume } from './match.ts';
import { mountLocal, unmountLocal } from './mounts.ts';
import { type VolumeRecord, VolumeRecords } from './records.ts';
import { sizeOf } from './size.ts';

export interface VolumesOptions {
  readonly database: Database;
  readonly paths: Paths;
  readonly events: Events;
  /** The ids of the containers, running or not, that have a volume. */
  readonly usersOf: (name: string) => readonly string[];
  readonly now?: () => Date;
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Label of volumes that were made without a name: `prune` takes those alone. */
export const anonymousLabel = 'com.docker.volume.anonymous';

/** Named volumes on this machine: a record, and a folder that containers mount. */
export class Volumes {
  readonly #options: VolumesOptions;
  readonly #records: VolumeRecords;
  readonly #locks = new KeyedLock();
  /** The containers that run with each volume. */
  readonly #mounted = new Map<string, Set<string>>();

  constructor(options: VolumesOptions) {
    this.#options = options;
    this.#records = new VolumeRecords(options.database);
  }

  /**
   * Makes a volume; one of that name that is there already is answered as it is.
   *
   * @param anonymous its name was made up, as it is when the request has none: `prune` may take it
   * @throws `invalid` for a bad name or option, `notFound` for a driver that is not `local`
   */
  async create(
    request: VolumeCreateOptions = {},
    { anonymous = !request.Name }: { readonly anonymous?: boolean } = {},
  ): Promise<Volume> {
    const name = request.Name || newId();
    if (!namePattern.test(name))
      throw invalid(
        `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    checkDriver(name, request.Driver);
    const options = checkedOptions(name, request.DriverOpts);
    using _held = await this.#locks.acquire(name);
    const existing = this.find(name);
    if (existing !== undefined) return existing;
    const record: VolumeRecord = {
      name,
      createdAt: this.#now()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
      labels: { ...request.Labels, ...(anonymous ? { [anonymousLabel]: '' } : {}) },
      options,
    };
    this.#records.insert(record);
    await mkdir(this.path(name), { recursive: true, mode: 0o701 });
    this.#tell('create', name);
    return this.#wire(record);
  }

  /** Where a volume's files are. */
  path(name: string): string {
    return this.#options.paths.volumeData(name);
  }

  find(name: string): Volume | undefined {
    const record = this.#records.find(name);
    return record === undefined ? undefined : this.#wire(record);
  }

  /** @throws `notFound`: `get web: no such volume` */
  get(name: string): Volume {
    const volume = this.find(name);
    if (volume === undefined) throw new EngineError('notFound', `get ${name}: no such volume`);
    return volume;
  }

  list(filters: Filters = {}): VolumeListResponse {
    const volumes = this.#records
      .list()
      .filter((record) => matchesVolume(record, filters, this.#options.usersOf))
      .map((record) => this.#wire(record));
    return { Volumes: volumes, Warnings: null };
  }

  /** All with what they take on disk: for `GET /system/df`. */
  async listWithUsage(): Promise<readonly Volume[]> {
    return Promise.all(
      this.#records.list().map(async (record) => ({
        ...this.#wire(record),
        UsageData: {
          Size: await sizeOf(this.path(record.name)),
          RefCount: this.#options.usersOf(record.name).length,
        },
      })),
    );
  }

  /** @throws `conflict` while a container has it: `remove web: volume is in use - [id]` */
  async remove(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    using _held = await this.#locks.acquire(name);
    if (this.find(name) === undefined) {
      if (options.force === true) return;
      throw new EngineError('notFound', `get ${name}: no such volume`);
    }
    const users = this.#options.usersOf(name);
    if (users.length > 0) throw conflict(`remove ${name}: volume is in use - [${users.join(', ')}]`);
    await this.#destroy(name);
  }

  /** Removes what no container has: anonymous volumes, and with `all=true` named ones too. */
  async prune(filters: Filters = {}): Promise<VolumePruneResponse> {
    const everything = ['1', 'true'].includes(filters['all']?.[0] ?? '');
    const wanted = { ...filters, dangling: ['true'] };
    const removed: string[] = [];
    let reclaimed = 0;
    for (const record of this.#records.list()) {
      if (!everything && record.labels[anonymousLabel] === undefined) continue;
      using _held = await this.#locks.acquire(record.name);
      if (!matchesVolume(record, wanted, this.#options.usersOf)) continue;
      reclaimed += await sizeOf(this.path(record.name));
      await this.#destroy(record.name);
      removed.push(record.name);
    }
    this.#options.events.publish({
      type: 'volume',
      action: 'prune',
      id: '',
      attributes: { reclaimed: String(reclaimed) },
    });
    return { VolumesDeleted: removed, SpaceReclaimed: reclaimed };
  }

  /** Makes a volume ready for a container that starts, and says so. @returns the folder to mount */
  async mount(
    name: string,
    containerId: string,
    details: { readonly destination: string; readonly rw: boolean },
  ): Promise<string> {
    const record = this.#records.find(name);
    if (record === undefined) throw new EngineError('notFound', `get ${name}: no such volume`);
    using _held = await this.#locks.acquire(name);
    await mkdir(this.path(name), { recursive: true, mode: 0o701 });
    mountLocal(this.path(name), record.options);
    this.adopt(name, containerId);
    this.#tell('mount', name, {
      container: containerId,
      destination: details.destination,
      propagation: '',
      'read/write': String(details.rw),
    });
    return this.path(name);
  }

  /** Notes that a container which an earlier engine started runs with it. */
  adopt(name: string, containerId: string): void {
    const containers = this.#mounted.get(name) ?? new Set<string>();
    this.#mounted.set(name, containers.add(containerId));
  }

  /** A container that had it has ended; after the last, what was mounted for it is unmounted. */
  unmounted(name: string, containerId: string): void {
    const containers = this.#mounted.get(name);
    if (containers?.delete(containerId) !== true) return;
    if (containers.size === 0) {
      this.#mounted.delete(name);
      if (this.#records.find(name)?.options.device !== undefined) unmountLocal(this.path(name));
    }
    this.#tell('unmount', name, { container: containerId });
  }

  /** The files go first: a crash between leaves a record that can be removed again, never files without one. */
  async #destroy(name: string): Promise<void> {
    unmountLocal(this.path(name));
    await rm(dirname(this.path(name)), { recursive: true, force: true });
    this.#records.delete(name);
    this.#tell('destroy', name);
  }

  #wire({ name, createdAt, labels, options }: VolumeRecord): Volume {
    return {
      CreatedAt: createdAt,
      Driver: 'local',
      Labels: Object.keys(labels).length > 0 ? labels : null,
      Mountpoint: this.path(name),
      Name: name,
      Options: Object.keys(options).length > 0 ? { ...options } : null,
      Scope: 'local',
    };
  }

  #tell(action: string, name: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.#options.events.publish({
      type: 'volume',
      action,
      id: name,
      attributes: { driver: 'local', ...attributes },
    });
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }
}

function checkDriver(name: string, driver: string | undefined): void {
  if (driver && driver !== 'local' && driver !== 'default')
    throw new EngineError(
      'notFound',
      `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
    );
}
