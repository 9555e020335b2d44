import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { BuildEvent, BuildSummary } from '#api/index.ts';
import { notFound } from '#base/errors.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';

/** How many builds are remembered. */
const remembered = 100;

interface Row {
  readonly id: string;
  readonly record: string;
}

/** Builds that were: a row each, and its events as they were told in a file. */
export class BuildHistory {
  readonly #database: Database;
  readonly #paths: Pick<Paths, 'buildFolder'>;

  constructor(database: Database, paths: Pick<Paths, 'buildFolder'>) {
    this.#database = database;
    this.#paths = paths;
  }

  /** Newest first. */
  list(): readonly BuildSummary[] {
    return this.#database
      .all<Row>('SELECT id, record FROM build ORDER BY started_at DESC')
      .map(({ record }) => JSON.parse(record) as BuildSummary);
  }

  /** By id or its unique beginning. @throws {EngineError} `notFound` */
  get(id: string): BuildSummary {
    const range = [id, `${id}\uffff`] as const;
    const rows = this.#database.all<Row>(
      'SELECT id, record FROM build WHERE id >= ? AND id < ? LIMIT 2',
      ...range,
    );
    const row = rows.find((one) => one.id === id) ?? (rows.length === 1 ? rows[0] : undefined);
    if (row === undefined || id === '') throw notFound('build', id);
    return JSON.parse(row.record) as BuildSummary;
  }

  put(summary: BuildSummary): void {
    this.#database.run(
      'INSERT OR REPLACE INTO build VALUES (?, ?, ?, ?, ?)',
      ...[summary.id, summary.name, summary.outcome, summary.startedAt, JSON.stringify(summary)],
    );
  }

  async *events(id: string): AsyncGenerator<BuildEvent> {
    const path = this.#paths.buildFolder('events', this.get(id).id);
    const lines = createInterface({ input: createReadStream(path).pipe(createZstdDecompress()) });
    for await (const line of lines) yield JSON.parse(line) as BuildEvent;
  }

  async forget(id: string): Promise<void> {
    const found = this.get(id);
    this.#database.run('DELETE FROM build WHERE id = ?', found.id);
    await rm(this.#paths.buildFolder('events', found.id), { force: true });
  }

  /** Writes down what a build tells. */
  async record(id: string): Promise<EventLog> {
    await mkdir(this.#paths.buildFolder('events'), { recursive: true, mode: 0o700 });
    return new EventLog(this.#paths.buildFolder('events', id));
  }

  /** Builds that a crash cut short have failed; of all, the newest stay. */
  async recover(): Promise<void> {
    for (const summary of this.list())
      if (summary.outcome === 'running')
        this.put({ ...summary, outcome: 'failed', error: 'The engine ended before the build did' });
    await this.trim();
  }

  async trim(): Promise<void> {
    const old = this.#database.all<Pick<Row, 'id'>>(
      'SELECT id FROM build ORDER BY started_at DESC LIMIT -1 OFFSET ?',
      remembered,
    );
    for (const { id } of old) await this.forget(id);
  }
}

/** Events on their way to a file. Nothing waits for the disk but the end. */
export class EventLog {
  readonly #stream = createZstdCompress();
  readonly #written: Promise<void>;

  constructor(path: string) {
    const file = createWriteStream(path, { mode: 0o600 });
    this.#stream.on('error', () => undefined);
    this.#written = finished(this.#stream.pipe(file)).catch(() => undefined);
  }

  add(event: BuildEvent): void {
    this.#stream.write(`${JSON.stringify(event)}\n`);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await this.#written;
  }
}
