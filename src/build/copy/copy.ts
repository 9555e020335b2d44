import type { FileSource } from '#archive/file-source.ts';
import type { Digest } from '#oci/digest.ts';
import type { Context, ContextStore } from '../context/context.ts';
import type { Heredoc } from '../dockerfile/syntax.ts';

/** A COPY or ADD, its words expanded. */
export interface CopyRequest {
  readonly kind: 'COPY' | 'ADD';
  /** Patterns (`*.c`, `src/`), URLs and git references (ADD), `<<name` for heredocs in order. */
  readonly sources: readonly string[];
  readonly heredocs: readonly Heredoc[];
  readonly destination: string;
  readonly workingDirectory: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  readonly unpack?: boolean;
  /** What patterns are of: a context, or (`--from`) the tree of a stage, an image, a named context. */
  readonly from: FileSource | Context;
  /** Known content of `from` as a whole (a stage's chain of layers): then files are not hashed for the key. */
  readonly fromKey?: string;
  /** `classic`: a word must match something, and what is missing is told in the classic builder's words. */
  readonly style?: 'classic';
  /** Seconds: no time in the layer is later, and files of a context have just this one. */
  readonly epoch: number;
}

/** A copy that is known: its content is part of the step's key, and its layer can be written. */
export interface CopyPlan extends AsyncDisposable {
  /** Of all that is copied, by content, and of how. Without the root, which `link` does without. */
  readonly digest: Digest;
  /** What is copied, for reasons of a miss: path → short digest. May be long. */
  readonly files: ReadonlyMap<string, string>;
  /** How classic history names it: `file:<hex>`, `dir:<hex>`, `multi:<hex>`. */
  readonly classicName: string;
  /**
   * The layer: what is copied and the directories above it.
   *
   * @param root the tree it goes onto: links on the way to the destination are followed in it, names in `chown` are looked up
   * in its /etc/passwd and /etc/group, and directories that are there keep what they are. undefined with `link`.
   */
  layer(root: FileSource | undefined): AsyncIterable<Uint8Array>;
}

export type PlanCopy = (
  request: CopyRequest,
  rooms: { readonly contexts: ContextStore; readonly signal: AbortSignal },
) => Promise<CopyPlan>;
