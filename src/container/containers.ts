import type { Duplex } from 'node:stream';
import type {
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspectResponse,
  ContainerStatsResponse,
  ContainerSummary,
  ContainerTopResponse,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  ExecConfig,
  ExecInspectResponse,
  FilesystemChange,
  NetworkConnectRequest,
  NetworkDisconnectRequest,
} from '#api/index.ts';
import type { Filters } from '#events/filters.ts';

/**
 * Docker's containers. Each takes a `reference`: an id, an id's unique beginning, or a name with or without its slash.
 * Every method that names a container throws `notFound` (`No such container: web`) when there is none.
 */
export interface Containers {
  readonly life: ContainerLife;
  readonly networks: ContainerNetworks;
  readonly views: ContainerViews;
  readonly streams: ContainerStreams;
  readonly execs: Execs;
  readonly files: ContainerFiles;
  /** The containers that were made from an image: what `openImages` asks for. */
  imageUsers(imageId: string): readonly { readonly containerId: string; readonly running: boolean }[];
  /** The ids of those that have a volume: what `Volumes` asks for. */
  volumeUsers(name: string): readonly string[];
  /**
   * Compares every record with what runs, and finishes or undoes what a killed daemon left half-made; restores the
   * networks with who runs, and starts what a restart policy wants up. Once, at boot.
   */
  restore(): Promise<void>;
  /** Stops what runs, each by its own stop signal and timeout: for a shutdown that must leave nothing. */
  stopAll(): Promise<void>;
  /** Ends every wait, stream and timer of this process. Containers run on. */
  close(): Promise<void>;
}

/** The seven steps that bring an image to a running process, as they are done. */
export type Step = 'image' | 'create' | 'filesystem' | 'network' | 'address' | 'process' | 'output';

export interface StepReport {
  readonly containerId: string;
  readonly step: Step;
  /** What came of it, for people: an image's id, an address, a pid. */
  readonly detail: string;
  readonly milliseconds: number;
}

export interface CreateRequest {
  /** Absent: a generated one. */
  readonly name?: string;
  /** `os[/arch[/variant]]` */
  readonly platform?: string;
  /** The request's body: Config, HostConfig and NetworkingConfig. */
  readonly config: ContainerCreateRequest;
}

export interface StopOptions {
  /** Instead of the container's own. -1 waits for ever. */
  readonly timeoutSeconds?: number;
  /** `SIGTERM`, `TERM` or `15`. */
  readonly signal?: string;
}

export interface RemoveOptions {
  readonly force?: boolean;
  /** Anonymous volumes too. */
  readonly volumes?: boolean;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/** The changes of a container's state. One at a time per container; a refusal is a `conflict` in Docker's words. */
export interface ContainerLife {
  /** @throws `notFound` (`No such image: x:latest`), `conflict` for a name in use, `invalid` for a bad option */
  create(request: CreateRequest): Promise<ContainerCreateResponse>;
  start(reference: string): Promise<'started' | 'alreadyStarted'>;
  stop(reference: string, options?: StopOptions): Promise<'stopped' | 'alreadyStopped'>;
  restart(reference: string, options?: StopOptions): Promise<void>;
  /** @param signal a name or number; `SIGKILL` when absent */
  kill(reference: string, signal?: string): Promise<void>;
  pause(reference: string): Promise<void>;
  unpause(reference: string): Promise<void>;
  /**
   * Registers the wait at once (an exit after this call is never missed; the reply's head may be sent), and answers when
   * the condition holds. @throws `notFound` and `invalid` at once
   */
  wait(reference: string, condition?: string, signal?: AbortSignal): Promise<ContainerWaitResponse>;
  rename(reference: string, name: string): Promise<void>;
  update(reference: string, change: ContainerUpdateRequest): Promise<ContainerUpdateResponse>;
  remove(reference: string, options?: RemoveOptions): Promise<void>;
  prune(
    filters?: Filters,
  ): Promise<{ readonly ContainersDeleted: string[]; readonly SpaceReclaimed: number }>;
}

/** Which networks a container is on. What it joins it keeps, however often it stops and starts, until it leaves. */
export interface ContainerNetworks {
  /** @throws `notFound`, `forbidden` when it is on the network or the address is in use, `invalid`: in Docker's words */
  connect(network: string, request: NetworkConnectRequest): Promise<void>;
  /** @throws `notFound`, `internal` when it is not on the network, as dockerd */
  disconnect(network: string, request: NetworkDisconnectRequest): Promise<void>;
}

export interface ListOptions {
  readonly all?: boolean;
  /** The newest so many, running or not. */
  readonly limit?: number;
  readonly size?: boolean;
  readonly filters?: Filters;
}

export interface ContainerViews {
  list(options?: ListOptions): Promise<readonly ContainerSummary[]>;
  /** The same as JSON text, from each container's cached piece: as fast as joining strings. */
  listJson(options?: ListOptions): string | Promise<string>;
  inspect(reference: string, options?: { readonly size?: boolean }): Promise<ContainerInspectResponse>;
  top(reference: string, psArguments?: string): Promise<ContainerTopResponse>;
  /** One sample a second until the container ends or the reader stops; `oneShot` gives one at once, `stream: false` one after two readings. */
  stats(
    reference: string,
    options?: { readonly stream?: boolean; readonly oneShot?: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<ContainerStatsResponse>;
  /** `Kind` 0 modified, 1 added, 2 deleted. */
  changes(reference: string): Promise<readonly FilesystemChange[]>;
  /** How many are running, paused and stopped, for `info`. */
  counts(): { readonly running: number; readonly paused: number; readonly stopped: number };
}

export interface AttachRequest {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** Replay what was printed before; without `stream` only that. */
  readonly logs?: boolean;
  readonly stream?: boolean;
  /** `ctrl-p,ctrl-q`: ends the attachment, not the container (terminals only). */
  readonly detachKeys?: string;
}

/** A two-way stream of a process, and whether it is a terminal's raw bytes or Docker's multiplexed frames. */
export interface Attachment {
  readonly tty: boolean;
  readonly stream: Duplex;
  /** Offers the client's own connection, once the stream is joined with it: the process may then write there itself. */
  readonly offer?: (connection: OfferedConnection) => void;
}

/** A connection that carries nothing but the stream from now on. */
export interface OfferedConnection {
  /** Its descriptor; undefined when it cannot be had now. */
  readonly fd: number | undefined;
  /** Another program has it: here it is let go, not ended. */
  taken(): void;
}

export interface LogRequest {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  /** `all` or a number of lines. */
  readonly tail?: string;
  /** Seconds since 1970 with an optional fraction, as Docker's query has them. */
  readonly since?: string;
  readonly until?: string;
  readonly signal?: AbortSignal;
}

export interface ContainerStreams {
  /** Resolves when the attachment holds: nothing printed after that is lost. A container not yet started is attached at its start. */
  attach(reference: string, request: AttachRequest): Promise<Attachment>;
  /** @throws `invalid` when neither stream is asked for, before the first byte */
  logs(
    reference: string,
    request: LogRequest,
  ): Promise<{ readonly tty: boolean; readonly stream: AsyncIterable<Uint8Array> }>;
  resize(reference: string, size: { readonly width: number; readonly height: number }): Promise<void>;
}

export interface ExecStartRequest {
  readonly detach?: boolean;
  readonly tty?: boolean;
  /** Height and width. */
  readonly consoleSize?: readonly [number, number] | readonly number[] | null;
  readonly detachKeys?: string;
}

export interface Execs {
  /** @returns the exec's id. @throws `conflict` when the container does not run */
  create(reference: string, config: ExecConfig): Promise<{ readonly Id: string }>;
  /** Starts it; its streams unless detached. @throws `notFound` (`No such exec instance: …`), `conflict` when it ran already */
  start(id: string, request: ExecStartRequest): Promise<Attachment | undefined>;
  inspect(id: string): ExecInspectResponse;
  resize(id: string, size: { readonly width: number; readonly height: number }): Promise<void>;
}

/** What `HEAD /containers/{id}/archive` tells: `X-Docker-Container-Path-Stat`, before base64. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

/** A container's files, as tars. */
export interface ContainerFiles {
  /** The whole root file system. */
  export(reference: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  statPath(reference: string, path: string): Promise<PathStat>;
  getArchive(
    reference: string,
    path: string,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }>;
  putArchive(
    reference: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options?: { readonly noOverwriteDirNonDir?: boolean; readonly copyUidGid?: boolean },
  ): Promise<void>;
  /** What `image` needs to commit: the container's layers, its config, and its changes as a layer tar. The container is paused meanwhile when asked. */
  commitSource<T>(
    reference: string,
    options: { readonly pause: boolean },
    use: (source: CommitSource) => Promise<T>,
  ): Promise<T>;
}

export interface CommitSource {
  readonly containerId: string;
  readonly imageId: string;
  readonly config: ContainerCreateRequest;
  readonly diff: () => AsyncIterable<Uint8Array>;
}
