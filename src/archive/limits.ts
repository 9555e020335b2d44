import { invalid } from '#base/errors.ts';
import type { TarEntry } from './tar-entry.ts';

/** What a tar may ask for before it is taken for a bomb. */
export interface TarLimits {
  readonly entries: number;
  /** Bytes of one file, holes included. */
  readonly entrySize: number;
  /** Bytes of all files, holes included. */
  readonly totalSize: number;
  /** Bytes of a whole name or link target: PATH_MAX. */
  readonly nameLength: number;
  /** Bytes between two slashes: NAME_MAX. */
  readonly componentLength: number;
  /** Directories above an entry. */
  readonly depth: number;
  /** Bytes of extended headers (PAX records, GNU long names) before one entry. */
  readonly extensionSize: number;
  /** Runs of data in one sparse file. */
  readonly segments: number;
}

/** Generous beside any image seen, and far below what hurts the machine. */
export const defaultTarLimits: TarLimits = {
  entries: 2_000_000,
  entrySize: 2 ** 40,
  totalSize: 2 ** 41,
  nameLength: 4095,
  componentLength: 255,
  depth: 1024,
  extensionSize: 2 ** 20,
  segments: 2 ** 18,
};

/** Counts what a tar has asked for so far. */
export class TarTally {
  readonly #limits: TarLimits;
  #entries = 0;
  #totalSize = 0;

  constructor(limits: TarLimits) {
    this.#limits = limits;
  }

  /** @throws {EngineError} `invalid` when the entry goes past a limit */
  add({ name, linkName, size }: Pick<TarEntry, 'name' | 'linkName' | 'size'>): void {
    const limits = this.#limits;
    this.#entries += 1;
    this.#totalSize += size;
    if (this.#entries > limits.entries) throw invalid(`more than ${limits.entries} entries`);
    if (size > limits.entrySize) throw invalid(`its size ${size} is past the limit`);
    if (this.#totalSize > limits.totalSize) throw invalid('the files together are past the size limit');
    if (name.length > limits.nameLength || linkName.length > limits.nameLength)
      throw invalid('File name too long');
    const components = name.split('/');
    if (components.length - 1 > limits.depth) throw invalid('too many directories above it');
    if (components.some((component) => component.length > limits.componentLength))
      throw invalid('File name too long');
  }
}
