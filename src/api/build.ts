import type { ErrorKind } from '#base/errors.ts';
import {
  any,
  boolean,
  integer,
  list,
  map,
  object,
  oneOf,
  type Schema,
  type Static,
  string,
} from './schema.ts';
import { AuthConfig } from './system.ts';

/**
 * The builder's own edge, beside Docker's classic `POST /build`:
 *
 *     POST /hoist/contexts                 ContextOffer → ContextAnswer: a listing; what of it is not known here
 *     POST /hoist/contexts/tar             a tar, plain or compressed → ContextAnswer: a context that comes as one
 *     POST /hoist/contexts/{id}/digests    ContextDigests → ContextAnswer: by content; what must be sent
 *     PUT  /hoist/contexts/{id}/files      a tar of those files, named by their index in the listing
 *     POST /hoist/builds                   BuildRequest → lines of BuildEvent
 *     GET  /hoist/builds/{id}/output/{n}   the bytes of an output: a tar
 *     POST /hoist/builds/{id}/ssh/{name}   Upgrade: one connection to the client's agent, waiting to be used
 *     GET  /hoist/builds, GET|DELETE /hoist/builds/{id}, GET /hoist/builds/{id}/events: history
 */

/** Where a context's files come from. */
export type BuildSource = Static<typeof BuildSource>;
export const BuildSource = object({
  kind: oneOf('sent', 'remote', 'image', 'none'),
  /** sent: the context's id. */
  id: string,
  /** remote: a URL of a tar, a text file or a git repository (`…#ref:dir`). */
  url: string,
  /** image: its name. */
  name: string,
});

export type BuildOutput = Static<typeof BuildOutput>;
export const BuildOutput = object({
  /** `image` records one here; the rest are fetched by the client as a tar: `local` is unpacked there. */
  type: oneOf('image', 'local', 'tar', 'oci', 'docker', 'cacheonly'),
  /** image, oci, docker: names. Those of `tags` when absent. */
  names: list(string),
  compression: oneOf('uncompressed', 'gzip', 'zstd'),
  /** image: also pushed. */
  push: boolean,
});

export type BuildRequest = Static<typeof BuildRequest>;
export const BuildRequest = object({
  /** Chosen by the client: 12 to 64 of [a-z0-9]; `cancel` and outputs name it. The engine's choice when absent. */
  id: string,
  context: BuildSource,
  /** `--build-context NAME=…` */
  namedContexts: map(BuildSource),
  /** Path in the context; `Dockerfile` when absent. */
  dockerfile: string,
  /** The Dockerfile itself: from stdin or from outside of the context. */
  dockerfileText: string,
  target: string,
  /** null: taken from the environment of nobody: unset. */
  buildArgs: map(any),
  labels: map(string),
  annotations: map(string),
  tags: list(string),
  platform: string,
  pull: boolean,
  noCache: boolean,
  noCacheFilter: list(string),
  cacheFrom: list(string),
  /** default, none, host, or a network's name. */
  network: string,
  extraHosts: list(string),
  ulimits: list(object({ Name: string, Soft: integer, Hard: integer })),
  shmSize: integer,
  memory: integer,
  memorySwap: integer,
  cpuShares: integer,
  cpuPeriod: integer,
  cpuQuota: integer,
  cpusetCpus: string,
  cpusetMems: string,
  cgroupParent: string,
  isolation: string,
  securityOpt: list(string),
  /** By id, base64. */
  secrets: map(string),
  /** Agents offered, by id: `default`. */
  ssh: list(string),
  /** `security.insecure`, `network.host` */
  allow: list(string),
  outputs: list(BuildOutput),
  squash: boolean,
  /** Builds anew, beside the cache, and compares with this image: `--verify`. */
  verify: string,
  call: oneOf('build', 'check', 'outline', 'targets'),
  registryAuth: map(AuthConfig),
  /** Classic: history and intermediate images as dockerd's classic builder makes them. */
  style: oneOf('hoist', 'classic'),
  /** Classic, `rm`/`forcerm`: said in the output, nothing else. */
  removeIntermediate: boolean,
});

/** One file of a listing: type, path (bytes as latin1), mode, size, and how it may be known again. */
export type ContextFile = Static<typeof ContextFile>;
export const ContextFile = object({
  /** f, d, l, p (fifo): sockets and devices are left out by the client. */
  t: string,
  /** Relative, slashes, byte string (each char one byte); '' is the root. */
  p: string,
  m: integer,
  s: integer,
  /** Target of a link. */
  l: string,
  /** `<mtime ns>.<ctime ns>.<inode>`: the same on the next build means the same content. */
  k: string,
});

export type ContextOffer = Static<typeof ContextOffer>;
export const ContextOffer = object({
  /** Names the directory on the client's machine: what stamps are compared within. */
  origin: string,
  /**
   * The client's digest of `files`. Without them: a question whether this directory's last listing had this digest and is
   * still known whole; where it is not, the answer has no id.
   */
  listing: string,
  /** Decoded by the builder, by hand: there may be a million. */
  files: any as Schema<readonly ContextFile[]>,
  /** Milliseconds of the client's clock, before it looked at the first file: what stamps are compared with. */
  at: integer,
});

export type ContextDigests = Static<typeof ContextDigests>;
export const ContextDigests = object({
  /** By index in the listing. */
  digests: map(string),
});

export interface ContextAnswer {
  /** '' when the listing itself is wanted. */
  readonly id: string;
  /** Indexes in the listing: whose digests (first) or bytes (then) are wanted. Empty: the context is whole. */
  readonly wanted: readonly number[];
}

/** A step as the graph has it. */
export interface BuildVertex {
  /** Number in the build, from 0; inputs are earlier ones. */
  readonly id: number;
  /** `[build 2/5] RUN make` */
  readonly name: string;
  readonly stage?: string;
  /** The instruction as written, on one line. */
  readonly instruction?: string;
  /** In the Dockerfile. */
  readonly line?: number;
  readonly inputs: readonly number[];
}

export type BuildOutcome = 'done' | 'cached' | 'failed' | 'cancelled';

/** What a build tells, in order. Times are RFC 3339 with milliseconds. */
export type BuildEvent =
  | { readonly kind: 'started'; readonly build: string; readonly at: string }
  | {
      readonly kind: 'graph';
      readonly vertices: readonly BuildVertex[];
      /** Classic: the ARGs before the first FROM as written, which count as steps. */
      readonly globals?: readonly string[];
    }
  | { readonly kind: 'warning'; readonly warning: BuildWarning }
  | { readonly kind: 'begin'; readonly id: number; readonly at: string }
  /** A step was not found, and is being made. */
  | { readonly kind: 'running'; readonly id: number }
  /** Output of a step's process, or of the engine on its behalf; base64. */
  | { readonly kind: 'log'; readonly id: number; readonly stream: 1 | 2; readonly data: string }
  | {
      readonly kind: 'progress';
      readonly id: number;
      readonly what: string;
      readonly current?: number;
      readonly total?: number;
    }
  | {
      readonly kind: 'end';
      readonly id: number;
      readonly at: string;
      readonly outcome: BuildOutcome;
      readonly milliseconds: number;
      /** Of the layer made or found. */
      readonly bytes?: number;
      /** Why it was not cached: `file src/a.c changed`. Absent when cached, or where nothing could be. */
      readonly reason?: string;
      readonly error?: string;
      /** Classic: the intermediate image. */
      readonly image?: string;
    }
  | { readonly kind: 'image'; readonly id: string; readonly names: readonly string[] }
  /** Bytes to be fetched from `/hoist/builds/{id}/output/{n}` while the stream is open. */
  | { readonly kind: 'output'; readonly n: number; readonly type: string }
  | { readonly kind: 'call'; readonly result: unknown }
  | { readonly kind: 'verified'; readonly same: boolean; readonly differences: readonly string[] }
  | {
      readonly kind: 'finished';
      readonly at: string;
      readonly outcome: 'done' | 'failed' | 'cancelled';
      readonly image?: string;
      readonly error?: BuildFailure;
    };

/** Why a build failed; what of the Dockerfile to show. */
export interface BuildFailure {
  readonly message: string;
  /** What a caller can do: `invalid` where the Dockerfile or the request is wrong. */
  readonly kind?: ErrorKind;
  /** Of the process of a RUN. */
  readonly exitCode?: number;
  readonly vertex?: number;
  readonly location?: SourceRange;
  /** Lines of the Dockerfile around it, as an excerpt to print. */
  readonly excerpt?: string;
}

export interface SourceRange {
  /** From 1. */
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn?: number;
}

export interface BuildWarning {
  /** `StageNameCasing` */
  readonly rule: string;
  readonly description: string;
  readonly url: string;
  readonly detail: string;
  readonly location?: SourceRange;
}

/** A build that was: an element of `GET /hoist/builds`. */
export interface BuildSummary {
  readonly id: string;
  /** The context's name or the Dockerfile's, for people. */
  readonly name: string;
  readonly startedAt: string;
  readonly milliseconds?: number;
  readonly outcome: 'running' | 'done' | 'failed' | 'cancelled';
  readonly steps: number;
  readonly cached: number;
  readonly image?: string;
  readonly error?: string;
}
