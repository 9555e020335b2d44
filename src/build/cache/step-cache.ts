import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Digest } from '#oci/digest.ts';
import type { Snapshotter } from '#snapshot/index.ts';
import type { Database } from '#state/database.ts';
import { reasonOf } from './explain.ts';
import type { StepInputs } from './keys.ts';

/** What a step gave: a layer, or that nothing changed. */
export interface StepRecord {
  readonly key: Digest;
  readonly layer: Digest | undefined;
  readonly size: number;
}

/** Where a step stands in a Dockerfile that is built again and again: `web/build#3`. */
export interface StepPlace {
  readonly build: string;
  readonly stage: string;
  readonly position: number;
  readonly instruction: string;
}

interface StepRow {
  readonly key: Digest;
  readonly layer: Digest | null;
  readonly size: number;
}

/** Steps by key, over every build of this engine. A row counts as long as its layer is stored. */
export class StepCache {
  readonly #database: Database;
  readonly #snapshotter: Pick<Snapshotter, 'has'>;
  readonly #now: () => Date;

  constructor(options: {
    readonly database: Database;
    readonly snapshotter: Pick<Snapshotter, 'has'>;
    readonly now: () => Date;
  }) {
    this.#database = options.database;
    this.#snapshotter = options.snapshotter;
    this.#now = options.now;
  }

  /** The step with this key; found is used. */
  find(key: Digest): StepRecord | undefined {
    const row = this.#database.get<StepRow>('SELECT key, layer, size FROM build_step WHERE key = ?', key);
    if (row === undefined || (row.layer !== null && !this.#snapshotter.has(row.layer))) return undefined;
    const now = this.#now().toISOString();
    this.#database.run('UPDATE build_step SET used_at = ?, uses = uses + 1 WHERE key = ?', now, key);
    return { key: row.key, layer: row.layer ?? undefined, size: row.size };
  }

  add(record: StepRecord, place: StepPlace, inputs: StepInputs): void {
    const now = this.#now().toISOString();
    this.#database.run(
      `INSERT INTO build_step (key, place, instruction, layer, size, inputs, created_at, used_at, uses)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (key) DO UPDATE SET layer = excluded.layer, size = excluded.size, used_at = excluded.used_at,
         place = excluded.place`,
      record.key,
      placeText(place),
      place.instruction,
      record.layer ?? null,
      record.size,
      zstdCompressSync(JSON.stringify([...inputs])),
      ...[now, now],
    );
  }

  /** Why there is no step with these inputs; undefined where nothing like it was built before. */
  explain(place: StepPlace, inputs: StepInputs): string | undefined {
    const same = this.#latest(
      'place >= ? AND place < ? AND instruction = ?',
      `${stageText(place)}#`,
      `${stageText(place)}$`,
      place.instruction,
    );
    if (same !== undefined) return reasonOf(same, inputs) ?? 'its result is no longer kept';
    const there = this.#latest('place = ?', placeText(place));
    if (there === undefined) return undefined;
    const reason = reasonOf(there, inputs);
    return reason === undefined || !reason.includes('command') ? 'the instruction changed' : reason;
  }

  #latest(where: string, ...values: readonly string[]): StepInputs | undefined {
    const row = this.#database.get<{ inputs: Uint8Array }>(
      `SELECT inputs FROM build_step WHERE ${where} ORDER BY used_at DESC LIMIT 1`,
      ...values,
    );
    if (row === undefined) return undefined;
    return new Map(JSON.parse(zstdDecompressSync(row.inputs).toString()) as [string, string][]);
  }
}

const stageText = ({ build, stage }: StepPlace): string => `${build}/${stage}`;
const placeText = (place: StepPlace): string => `${stageText(place)}#${place.position}`;
