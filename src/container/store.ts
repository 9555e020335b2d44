import { conflict, invalid, notFound } from '#base/errors.ts';
import type { Database } from '#state/database.ts';
import { Container } from './container.ts';
import { joinedNetworks } from './networking.ts';
import { type ContainerRecord, type ContainerStateRecord, newState } from './record.ts';

/**
 * Every container's record: rows of the database, and the same in memory, read from there. Each change is a row first.
 */
export class ContainerStore {
  readonly #database: Database;
  readonly #byId = new Map<string, Container>();
  readonly #idOfName = new Map<string, string>();
  /** Records of containers that a crash left while they were being made: for the boot to undo. */
  readonly unfinished: readonly ContainerRecord[];
  /** Rises with every change: what is derived from all containers is good while it stands. */
  version = 0;

  constructor(database: Database) {
    this.#database = database;
    const rows = database.all<Row>('SELECT status, record, state FROM container ORDER BY created_at');
    const [unfinished, whole] = [rows.filter(isUnfinished), rows.filter((row) => !isUnfinished(row))];
    this.unfinished = unfinished.map((row) => recordOf(row.record));
    for (const row of whole) {
      const record = recordOf(row.record);
      const state = { ...newState, ...(JSON.parse(row.state) as Partial<ContainerStateRecord>) };
      this.#remember(new Container(record, state));
    }
  }

  /** All, oldest first. */
  list(): readonly Container[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }

  /** By id, name (with or without slash), or the beginning of one id alone. */
  find(reference: string): Container | undefined {
    const exact = this.#byId.get(reference) ?? this.#named(reference.replace(/^\//, ''));
    if (exact !== undefined || !/^[0-9a-f]{1,64}$/.test(reference)) return exact;
    const matching = this.list().filter(({ id }) => id.startsWith(reference));
    if (matching.length > 1) throw invalid(`Multiple IDs found with provided prefix: ${reference}`);
    return matching[0];
  }

  /** @throws {EngineError} `notFound`: `No such container: web` */
  get(reference: string): Container {
    const container = this.find(reference);
    if (container === undefined) throw notFound('container', reference);
    return container;
  }

  isNameTaken(name: string): boolean {
    return this.#idOfName.has(name);
  }

  /** Takes a name before its container is recorded; disposing gives it back unless that has happened. */
  reserve(name: string, id: string): Disposable {
    const owner = this.#idOfName.get(name);
    if (owner !== undefined) throw nameConflict(name, owner);
    this.#idOfName.set(name, id);
    return {
      [Symbol.dispose]: () => {
        if (this.#idOfName.get(name) === id && this.#byId.get(id)?.name !== name) this.#idOfName.delete(name);
      },
    };
  }

  /** Records what is about to be made for a container, so that a crash leaves nothing unknown. `add` must follow. */
  begin(record: ContainerRecord): AsyncDisposable {
    this.#insert(record, creating);
    return {
      [Symbol.asyncDispose]: async () => {
        if (!this.#byId.has(record.id)) this.forget(record.id);
      },
    };
  }

  /** Records a container that is whole. */
  add(record: ContainerRecord): Container {
    this.#insert(record, newState.status);
    return this.#remember(new Container(record, newState));
  }

  /** Deletes the row of an unfinished one, once all that was made for it is gone. */
  forget(id: string): void {
    this.#database.run('DELETE FROM container WHERE id = ?', id);
  }

  /** Records a change of state. */
  change(container: Container, change: Partial<ContainerStateRecord>): void {
    const state = { ...container.state, ...change };
    this.#database.run(
      'UPDATE container SET status = ?, state = ? WHERE id = ?',
      state.status,
      JSON.stringify(state),
      container.id,
    );
    container.recorded(container.record, state);
    this.version += 1;
  }

  /** Records a change of what was asked for: a rename, an update. The new name must be reserved. */
  rewrite(container: Container, change: Partial<ContainerRecord>): void {
    const before = container.name;
    const record = { ...container.record, ...change };
    this.#database.run(
      'UPDATE container SET name = ?, record = ? WHERE id = ?',
      record.name,
      JSON.stringify(record),
      container.id,
    );
    container.recorded(record, container.state);
    this.#idOfName.set(record.name, record.id);
    if (before !== record.name) this.#idOfName.delete(before);
    this.version += 1;
  }

  delete(container: Container): void {
    this.#database.run('DELETE FROM container WHERE id = ?', container.id);
    this.#byId.delete(container.id);
    if (this.#idOfName.get(container.name) === container.id) this.#idOfName.delete(container.name);
    this.version += 1;
  }

  /** Something that views show, but no row holds, has changed. */
  touch(container: Container): void {
    container.summary = undefined;
    this.version += 1;
  }

  #insert(record: ContainerRecord, status: string): void {
    this.#database.run(
      'INSERT OR REPLACE INTO container (id, name, status, image_id, created_at, record, state) VALUES (?, ?, ?, ?, ?, ?, ?)',
      record.id,
      record.name,
      status,
      record.imageId,
      record.createdAt,
      JSON.stringify(record),
      JSON.stringify(newState),
    );
  }

  #remember(container: Container): Container {
    this.#byId.set(container.id, container);
    this.#idOfName.set(container.name, container.id);
    this.version += 1;
    return container;
  }

  #named(name: string): Container | undefined {
    const id = this.#idOfName.get(name);
    return id === undefined ? undefined : this.#byId.get(id);
  }
}

/** The row's status while a container is being made: it is none yet, so no life has the word. */
const creating = 'creating';

interface Row {
  readonly status: string;
  readonly record: string;
  readonly state: string;
}

/** Records once had only what was asked for, as `endpoints`, without the network of `NetworkMode`. */
function recordOf(text: string): ContainerRecord {
  const { endpoints, ...record } = JSON.parse(text) as ContainerRecord & { endpoints?: EndpointsConfig };
  if (record.networks !== undefined) return record;
  const { config, hostConfig } = record;
  const mode = config.NetworkDisabled === true ? 'none' : hostConfig.NetworkMode;
  return { ...record, networks: joinedNetworks({ mode, asked: endpoints }) };
}

type EndpointsConfig = ContainerRecord['networks'];

const isUnfinished = ({ status }: Row): boolean => status === creating;

const nameConflict = (name: string, id: string) =>
  conflict(
    `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
