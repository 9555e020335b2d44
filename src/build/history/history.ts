import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
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

  /** What a build told, as far as it was written: all of it, or all but the last moment before a crash. */
  async *events(id: string): AsyncGenerator<BuildEvent> {
    const path = this.#paths.buildFolder('events', this.get(id).id);
    if (!existsSync(path)) return; // the engine ended before the build told anything
    const file = createReadStream(path);
    const whole = createZstdDecompress({ finishFlush: constants.ZSTD_e_flush });
    const read = pipeline(file, whole);
    read.catch(() => undefined); // who reads the lines is told
    try {
      for await (const line of createInterface({ input: whole })) {
        const event = eventOf(line);
        if (event === undefined) return;
        yield event;
      }
    } finally {
      file.destroy();
    }
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

/** undefined: a line that a crash cut short. */
function eventOf(line: string): BuildEvent | undefined {
  try {
    return JSON.parse(line) as BuildEvent;
  } catch {
    return undefined;
  }
}

/** What a crash may lose of what a build told. */
const unwrittenMilliseconds = 100;

/** How much output of a build is kept, in characters of base64: a step may print without end. */
const keptOutput = 16 << 20;

const clipped = Buffer.from('\n[output clipped: no more of it is kept]\n').toString('base64');

/** Events on their way to a file. Nothing waits for the disk but the end; a disk that takes no more ends the writing. */
export class EventLog {
  readonly #stream = createZstdCompress();
  readonly #written: Promise<void>;
  #flushing: NodeJS.Timeout | undefined;
  #output = 0;
  readonly #clipped = new Set<number>();

  constructor(path: string) {
    this.#written = pipeline(this.#stream, createWriteStream(path, { mode: 0o600 })).catch(() => undefined);
  }

  add(event: BuildEvent): void {
    const kept = event.kind === 'log' ? this.#keep(event) : event;
    if (kept === undefined || this.#stream.destroyed) return;
    this.#stream.write(`${JSON.stringify(kept)}\n`);
    this.#flushing ??= setTimeout(() => {
      this.#flushing = undefined;
      if (!this.#stream.destroyed) this.#stream.flush(constants.ZSTD_e_flush);
    }, unwrittenMilliseconds);
  }

  /** @returns undefined for output of a step that was said to be clipped */
  #keep(event: Extract<BuildEvent, { kind: 'log' }>): BuildEvent | undefined {
    this.#output += event.data.length;
    if (this.#output <= keptOutput) return event;
    if (this.#clipped.has(event.id)) return undefined;
    this.#clipped.add(event.id);
    return { ...event, data: clipped };
  }

  async close(): Promise<void> {
    clearTimeout(this.#flushing);
    this.#stream.end();
    await this.#written;
  }
}
