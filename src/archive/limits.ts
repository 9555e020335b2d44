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
