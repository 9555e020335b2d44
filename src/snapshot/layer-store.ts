import type { TarLimits } from '#archive/limits.ts';
import type { Digest } from '#oci/digest.ts';
import type { RootMetadata } from './records.ts';
import type { DriverName } from './snapshotter.ts';

export interface WrittenLayer {
  readonly diffId: Digest;
  readonly tarSize: number;
  /** Bytes of the files. */
  readonly size: number;
  readonly root: RootMetadata | undefined;
}

/** How a driver keeps layers. All else of a snapshotter is the same over each. */
export interface LayerStore {
  readonly name: DriverName;

  /** Writes a layer at `path`, which is free: a file or a directory. Durable when it resolves, unless told to be later. */
  write(
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options: {
      readonly limits?: Partial<TarLimits>;
      readonly signal?: AbortSignal | undefined;
      readonly durable?: 'now' | 'later';
    },
  ): Promise<WrittenLayer>;

  /** Makes layers durable that were written to be so later. One that has gone is passed over. */
  sync(paths: readonly string[]): Promise<void>;

  /** What overlayfs takes as a lower layer for the one stored at `path`: an open mount or a directory. Stays good until `release`. */
  lower(diffId: Digest, path: string): number | string;
  /** What inspect shows for the layer stored at `path`. */
  shown(path: string): string;
  /** The layer will not be used any more by new mounts. */
  release(diffId: Digest): Promise<void>;

  readTar(path: string, tarSize: number): AsyncIterable<Uint8Array>;
  /** Undoes what a killed daemon left of this store's mounts. */
  recover(): void;
  status(): readonly (readonly [string, string])[];
  close(): Promise<void>;
}
