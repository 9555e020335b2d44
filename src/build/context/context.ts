import type { FileSource } from '#archive/file-source.ts';
import type { ByteString } from '#archive/tar-entry.ts';
import type { Digest } from '#oci/digest.ts';

/**
 * A build context: a tree whose files' contents are known by digest. Owners are root's and times are nobody's (0), since
 * neither is part of what is built from it.
 */
export interface Context extends FileSource, AsyncDisposable {
  /** For people: the directory, the URL. */
  readonly name: string;
  /** How many bytes came over the wire for it. */
  readonly received: number;
  /** A digest of a path with all that is beneath it: names, types, modes, contents, link targets; never times or owners. */
  treeDigest(path: ByteString): Digest;
}

/** Opens contexts for the solver. */
export interface ContextStore {
  /** One that a client has sent whole. @throws `notFound` */
  open(id: string): Context;
  /**
   * A tar, a file or a git repository by URL: `https://…/x.tar.gz`, `https://…/Dockerfile` (then the context holds that one
   * file, named `Dockerfile`), `https://host/repo.git#ref:dir`, `git@host:repo`, `git://…`.
   */
  fetch(
    url: string,
    options: {
      readonly keepGitDir?: boolean;
      readonly signal: AbortSignal;
      /** What git says; of a download its URL, and bytes so far. */
      readonly report: (text: string, current?: number) => void;
    },
  ): Promise<Context>;
  /** One file by URL, for ADD. `modified` in seconds from Last-Modified, else 0. */
  download(
    url: string,
    options: { readonly checksum?: string; readonly signal: AbortSignal },
  ): Promise<Download>;
}

export interface Download extends AsyncDisposable {
  /** A file's name, one component; '' when neither the URL nor the server gave one. */
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
  readonly modified: number;
  open(): AsyncIterable<Uint8Array>;
}
