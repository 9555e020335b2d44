import type { BuildRequest, BuildWarning } from '#api/index.ts';
import type { FileSource } from '#archive/file-source.ts';
import { unsupported } from '#base/errors.ts';
import type { Dockerfile } from './dockerfile/syntax.ts';

/** What was asked of a Dockerfile beside building it. */
export interface Called {
  readonly warnings: readonly BuildWarning[];
  /** Of a call that builds nothing. */
  readonly result?: unknown;
  /** Why the build may not go on: checks that are errors here. */
  readonly failure?: string;
}

/** What a build is asked for beside its image. */
export function call(
  { call: asked = 'build' }: BuildRequest,
  _opened: { readonly dockerfile: Dockerfile; readonly context: FileSource },
): Called {
  if (asked !== 'build') throw unsupported(`the call ${asked} is not there`);
  return { warnings: [] };
}
