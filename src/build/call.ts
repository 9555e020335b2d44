import type { BuildRequest, BuildWarning } from '#api/index.ts';
import type { FileSource } from '#archive/file-source.ts';
import { type IgnorePatterns, ignorePatterns } from '#archive/path-pattern.ts';
import { fromText } from '#archive/tar-entry.ts';
import { hostPlatform, type Platform, parsePlatform } from '#oci/platform.ts';
import { type Checked, checkDockerfile } from './checks/check.ts';
import { outlineOf } from './checks/outline.ts';
import { checkResult } from './checks/result.ts';
import { targetsOf } from './checks/targets.ts';
import type { Dockerfile } from './dockerfile/syntax.ts';

/** What was asked of a Dockerfile beside building it. */
export interface Called {
  readonly warnings: readonly BuildWarning[];
  /** Of a call that builds nothing. */
  readonly result?: unknown;
  /** Why the build may not go on: checks that are errors here. */
  readonly failure?: string;
}

interface CallSubject {
  readonly dockerfile: Dockerfile;
  readonly context: FileSource;
}

/** A `.dockerignore` beyond is not looked at. */
const maxIgnoreFile = 1024 * 1024;

/** What is known of the images that stages begin from, once they are here. */
export interface KnownBase {
  /** Names of its variables. */
  readonly env: readonly string[];
  readonly platform: Platform;
}

/**
 * What a build is asked for beside its image.
 *
 * @param bases by the stage's number; checks that need them say nothing without
 */
export async function call(
  request: BuildRequest,
  subject: CallSubject,
  bases: ReadonlyMap<number, KnownBase> = new Map(),
): Promise<Called> {
  const { dockerfile } = subject;
  const { call: asked = 'build', buildArgs, target } = request;
  const platform = request.platform ? parsePlatform(request.platform) : hostPlatform;
  if (asked === 'targets') return { warnings: [], result: targetsOf(dockerfile) };
  if (asked === 'outline')
    return { warnings: [], result: outlineOf(dockerfile, { buildArgs, target, platform }) };
  const ignores = await ignoresOf(request, subject);
  const checked = checkDockerfile(dockerfile, {
    buildArgs,
    target,
    platform,
    everyStage: asked === 'check',
    isNamedContext: (name) => request.namedContexts?.[name] !== undefined,
    ...(ignores === undefined ? {} : { ignores }),
    baseEnv: (stage) => bases.get(stage)?.env,
    basePlatform: (stage) => bases.get(stage)?.platform,
  });
  if (asked === 'build') return ofBuild(checked);
  const result = checkResult(checked, dockerfile, request.dockerfile || 'Dockerfile');
  return { warnings: checked.warnings, result };
}

// an error is told by the build, with the step that it is of
const ofBuild = ({ warnings, violation }: Checked): Called => ({
  warnings,
  ...(violation === undefined ? {} : { failure: violation }),
});

/** The ignore file of the context: the Dockerfile's own before that of all. */
async function ignoresOf(
  { dockerfile = 'Dockerfile' }: BuildRequest,
  { context }: CallSubject,
): Promise<IgnorePatterns | undefined> {
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const path = fromText(name);
    const info = context.find(path);
    if (info?.type !== 'file') continue;
    if (info.size > maxIgnoreFile) return undefined;
    const text = new TextDecoder();
    let read = '';
    for await (const bytes of context.open(path)) read += text.decode(bytes, { stream: true });
    return readIgnores(read);
  }
  return undefined;
}

/** Nothing for a file that is wrong: the client has said so, or built from the context without it. */
function readIgnores(text: string): IgnorePatterns | undefined {
  try {
    return ignorePatterns(text);
  } catch {
    return undefined;
  }
}
