import type { BuildRequest, BuildWarning } from '#api/index.ts';
import type { FileSource } from '#archive/file-source.ts';
import { fromText } from '#archive/tar-entry.ts';
import { checkDockerfile, outlineOf, targetsOf } from './checks/index.ts';
import type { Dockerfile } from './dockerfile/syntax.ts';
import { buildArguments } from './solve/arguments.ts';

/** What was asked of a Dockerfile beside building it. */
export interface Called {
  readonly warnings: readonly BuildWarning[];
  /** Of a call that builds nothing. */
  readonly result?: unknown;
  /** Why the build may not go on: checks that are errors here. */
  readonly failure?: string;
}

/** The checks of a build, and what `--call` asks for. */
export function call(
  request: BuildRequest,
  { dockerfile, context }: { readonly dockerfile: Dockerfile; readonly context: FileSource },
): Called {
  const buildArgs = Object.fromEntries(buildArguments(request.buildArgs));
  const target = request.target || undefined;
  const options = { buildArgs, ...(target === undefined ? {} : { target }) };
  if (request.call === 'outline') return { warnings: [], result: outlineOf(dockerfile, options) };
  if (request.call === 'targets') return { warnings: [], result: targetsOf(dockerfile) };
  const warnings = checkDockerfile(dockerfile, {
    ...options,
    fileExists: (path: string) => context.find(fromText(path)) !== undefined,
  });
  if (request.call === 'check') return { warnings, result: { warnings } };
  const isError = dockerfile.directives.check?.error === true && warnings.length > 0;
  return {
    warnings,
    ...(isError
      ? {
          failure: 'lint violation found for rules: '.concat(
            [...new Set(warnings.map(({ rule }) => rule))].join(', '),
          ),
        }
      : {}),
  };
}
