import type { Digest } from '#oci/digest.ts';

export type DriverName = 'erofs' | 'overlay' | 'btrfs' | 'vfs' | 'fuse';

/** A read-only layer, stored once under its diffID whatever images stack it. */
export interface Layer {
  readonly diffId: Digest;
  /** Bytes of the uncompressed files (not of the tar's padding): what `images` and `history` show. */
  readonly size: number;
  /** Bytes of the uncompressed tar, padding included: what `readTar` yields. */
  readonly tarSize: number;
}

/**
 * What a container or a build step sees as its root. The mount is detached: in no mount namespace, under no path of the
 * host. Whoever starts the process moves it into place; closing the last descriptor and namespace undoes it.
 */
export interface MountedRootfs extends AsyncDisposable {
  readonly fd: number;
}

export type ChangeKind = 'modified' | 'added' | 'deleted';

/** One line of `docker diff`; the path is absolute, and its bytes may not be UTF-8 (then replaced for display). */
export interface Change {
  readonly kind: ChangeKind;
  readonly path: string;
}

export interface ChangeOptions {
  /** Absolute paths that were made to mount on: no change, unless something else came to be in them. */
  readonly mountPoints?: readonly string[];
}

export interface DiffOptions extends ChangeOptions {
  /** Seconds since the epoch: later times are this one, so that the hour of a change does not show in its digest. */
  readonly latest?: number;
  readonly signal?: AbortSignal;
}

export interface IngestOptions {
  readonly expected?: Digest;
  readonly signal?: AbortSignal;
  readonly durable?: 'now' | 'later';
}

export interface Usage {
  readonly size: number;
  readonly inodes: number;
}

/**
 * A union file system: read-only layers by diffID, and above a stack of them the writable snapshots of containers.
 *
 * Layers do not know one another, so the layers of one image are ingested side by side. Nothing here counts
 * references: `image` removes a layer when no image names it, `container` its snapshot.
 */
export interface MountOptions {
  /** Leaves out syncs of the upper layer (`--rm` containers, build steps). */
  readonly volatile?: boolean;
  readonly readonly?: boolean;
  /** A directory that shows where no layer has anything. What is to be mounted over then need not be made in the snapshot. */
  readonly beneath?: string;
}

export interface Snapshotter {
  readonly name: DriverName;

  /** Whether the layer is stored, whole. */
  has(diffId: Digest): boolean;
  getLayer(diffId: Digest): Layer;
  listLayers(): readonly Layer[];

  /**
   * Stores the layer whose uncompressed tar passes. Hostile tars are refused (`invalid`, naming the entry) or contained.
   * Durable when it resolves, unless asked to be `later`: then a power cut soon after takes it away whole, until `sync`.
   * When the source throws or the digest is not `expected`, nothing of it stays.
   */
  ingest(tar: AsyncIterable<Uint8Array>, options?: IngestOptions): Promise<Layer>;
  /** Makes durable what was ingested to be so later. Happens by itself a moment after the last. */
  sync(): Promise<void>;

  /** The uncompressed tar of a stored layer: the very bytes that were ingested where the driver keeps them, else a tar with the same diffID. */
  readTar(diffId: Digest): AsyncIterable<Uint8Array>;
  removeLayer(diffId: Digest): Promise<void>;

  /** Makes the writable snapshot `key` above `layers` (bottom first; none is an empty root). */
  prepare(key: string, layers: readonly Digest[]): Promise<void>;
  /** Removes a snapshot; one that is gone already is fine. Fast: bytes may be freed after it resolves. */
  remove(key: string): Promise<void>;
  listSnapshots(): readonly string[];

  /** Mounts a snapshot. */
  mount(key: string, options?: MountOptions): Promise<MountedRootfs>;
  /** Mounts a stack of layers read-only, with no snapshot. */
  view(layers: readonly Digest[]): Promise<MountedRootfs>;

  /** What a snapshot changed above its layers, sorted by path. */
  changes(key: string, options?: ChangeOptions): Promise<readonly Change[]>;
  /** The same as an OCI layer tar (whiteouts as `.wh.` entries), for commit. Safe while the container runs. */
  diffTar(key: string, options?: DiffOptions): AsyncIterable<Uint8Array>;
  usage(key: string): Promise<Usage>;

  /** The `DriverStatus` rows of `info`. */
  status(): readonly (readonly [string, string])[];
  /** `GraphDriver.Data` of a container's inspect. */
  graphData(key: string): Readonly<Record<string, string>>;
  /** That of an image's: its top layer is `UpperDir`. Empty when it has no layers, or they are another driver's. */
  layerData(layers: readonly Digest[]): Readonly<Record<string, string>>;

  /** Removes what a crash left half-made: ingests, snapshots under removal. Called once, at boot. */
  recover(): Promise<void>;
  /** Resolves when what was removed is freed: for tests, and for whoever must know the space is there. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
