import type { Duplex } from 'node:stream';
import type { BuildEvent, BuildFailure, BuildRequest, BuildSource, BuildWarning } from '#api/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { cancelled, EngineError, invalid, kindOf, messageOf } from '#base/errors.ts';
import type { Image } from '#image/images.ts';
import { hostPlatform, parsePlatform } from '#oci/platform.ts';
import { importedSteps } from './cache/imported-steps.ts';
import { call } from './call.ts';
import type { Context, ContextStore } from './context/context.ts';
import { emptyContext } from './context/empty-context.ts';
import { withoutIgnoredDockerfile } from './context/without-files.ts';
import { DockerfileError } from './dockerfile/dockerfile-error.ts';
import { excerptOf } from './dockerfile/excerpt.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { readDockerfile } from './dockerfile/read-dockerfile.ts';
import type { Dockerfile, Location } from './dockerfile/syntax.ts';
import type { Outputs } from './export/outputs.ts';
import { squashed } from './export/squash.ts';
import { verifyImage } from './export/verify.ts';
import { BaseImages } from './solve/base-images.ts';
import { labelled, withLabels } from './solve/labels.ts';
import { LocatedError } from './solve/located.ts';
import { Solve, type SolveRooms } from './solve/solve.ts';
import { Teller } from './solve/told.ts';

export interface BuildWork {
  readonly request: BuildRequest;
  readonly rooms: SolveRooms;
  readonly outputs: Outputs;
  readonly tell: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly agent: (name: string) => (() => Promise<Duplex>) | undefined;
}

/** How a build ended. */
export type BuildEnd =
  | { readonly outcome: 'done'; readonly image?: string }
  | { readonly outcome: 'failed' | 'cancelled'; readonly error: BuildFailure };

/** What is known once the context and the Dockerfile are. */
interface Opened {
  readonly context: Context;
  readonly namedContexts: ReadonlyMap<string, Context | { readonly image: string }>;
  readonly dockerfile: Dockerfile;
  readonly dockerfileName: string;
}

/** One build from its request to its outputs. Never throws: what went wrong is its end. */
export async function buildOne(work: BuildWork): Promise<BuildEnd> {
  const teller = new Teller(work.tell, work.now);
  let dockerfile: { readonly parsed: Dockerfile; readonly name: string } | undefined;
  await using held = new AsyncDisposableStack();
  try {
    const opened = await openAll(work, held, (parsed, name) => {
      dockerfile = { parsed, name };
    });
    const asked = await call(work.request, opened);
    for (const warning of asked.warnings) work.tell({ kind: 'warning', warning });
    if (asked.result !== undefined) {
      work.tell({ kind: 'call', result: asked.result });
      return { outcome: 'done' };
    }
    if (asked.failure !== undefined) throw invalid(asked.failure);
    const image = await solveAndWrite(work, opened, { teller, held, told: asked.warnings });
    crashPoint('build:written');
    return { outcome: 'done', ...(image === undefined ? {} : { image: image.id }) };
  } catch (error) {
    teller.endAll();
    const isCancelled = work.signal.aborted || kindOf(error) === 'cancelled';
    return {
      outcome: isCancelled ? 'cancelled' : 'failed',
      error: isCancelled ? { message: 'build canceled' } : failureOf(error, dockerfile),
    };
  }
}

async function solveAndWrite(
  work: BuildWork,
  opened: Opened,
  {
    teller,
    held,
    told,
  }: {
    readonly teller: Teller;
    readonly held: AsyncDisposableStack;
    readonly told: readonly BuildWarning[];
  },
): Promise<Image | undefined> {
  const { rooms, signal } = work;
  // what is to be verified is built anew
  const request = work.request.verify ? { ...work.request, noCache: true } : work.request;
  const holds = held.use(new DisposableStack());
  const bases = new BaseImages({
    images: rooms.images,
    pull: request.pull === true,
    auth: request.registryAuth ?? {},
    signal,
    held: holds,
  });
  const platform = request.platform ? parsePlatform(request.platform) : hostPlatform;
  const style = request.style === 'classic' ? 'classic' : 'hoist';
  const imported = await importedSteps(request.cacheFrom ?? [], { bases, platform, style, tell: work.tell });
  const solve = new Solve({
    ...{ rooms, request, platform, bases, teller, imported, signal },
    held: holds,
    dockerfile: request.style === 'classic' ? labelled(opened.dockerfile, request) : opened.dockerfile,
    context: opened.context,
    namedContexts: opened.namedContexts,
    buildName: buildName(request, opened),
    agent: work.agent,
  });
  const built = await solve.run();
  crashPoint('build:solved');
  const state = solve.style === 'classic' ? built : withLabels(built, request.labels ?? {});
  const final = request.squash === true ? await squashed(state, solve, holds) : state;
  warnUnused(work, solve);
  await warnLate(work, opened, { solve, told });
  if (request.verify) {
    await verifyImage(request.verify, final, { rooms, tell: work.tell });
    if (!request.outputs?.length) return undefined;
  }
  return work.outputs.write(final, request, {
    tell: work.tell,
    signal,
    existing: solve.style === 'classic' && request.squash !== true ? state.image : undefined,
  });
}

/** Checks that had to wait for the bases. */
async function warnLate(
  { request, tell }: BuildWork,
  opened: Opened,
  { solve, told }: { readonly solve: Solve; readonly told: readonly BuildWarning[] },
): Promise<void> {
  if (request.style === 'classic') return;
  const before = new Set(told.map((warning) => JSON.stringify(warning)));
  const { warnings } = await call(request, opened, solve.resolved);
  for (const warning of warnings)
    if (!before.has(JSON.stringify(warning))) tell({ kind: 'warning', warning });
}

/** Build arguments that nothing declared, as dockerd's classic builder says at the end. */
function warnUnused({ tell, request }: BuildWork, solve: Solve): void {
  if (request.style !== 'classic') return;
  const unused = solve.unusedArguments();
  if (unused.length === 0) return;
  const detail = `One or more build-args [${unused.join(' ')}] were not consumed`;
  tell({
    kind: 'warning',
    warning: { rule: 'UnusedBuildArgs', description: detail, detail, url: '' },
  });
}

/** Names a Dockerfile that is built again and again, so that a step's earlier self is found. */
function buildName(request: BuildRequest, { context, dockerfileName }: Opened): string {
  const [tag = ''] = request.tags ?? [];
  return [request.context?.kind === 'sent' ? context.name || tag : tag, dockerfileName].join(' ');
}

async function openAll(
  work: BuildWork,
  held: AsyncDisposableStack,
  parsed: (dockerfile: Dockerfile, name: string) => void,
): Promise<Opened> {
  const { request } = work;
  const context = held.use(await openSource(request.context, work));
  const namedContexts = new Map<string, Context | { readonly image: string }>();
  for (const [name, source] of Object.entries(request.namedContexts ?? {})) {
    if (source.kind === 'image') namedContexts.set(name, { image: source.name ?? '' });
    else namedContexts.set(name, held.use(await openSource(source, work)));
  }
  const { text, name } = await readDockerfile(request, context);
  const dockerfile = parseDockerfile(text);
  parsed(dockerfile, name);
  return {
    context: request.style === 'classic' ? await withoutIgnoredDockerfile(context, name) : context,
    ...{ namedContexts, dockerfile, dockerfileName: name },
  };
}

async function openSource(
  source: BuildSource | undefined,
  { rooms, signal, tell }: BuildWork,
): Promise<Context> {
  const contexts: ContextStore = rooms.contexts;
  if (source?.kind === 'sent') return contexts.open(source.id ?? '');
  if (source?.kind === 'remote')
    return contexts.fetch(source.url ?? '', {
      signal,
      report: (what, current) =>
        tell({ kind: 'progress', id: -1, what, ...(current === undefined ? {} : { current }) }),
    });
  if (source === undefined || source.kind === 'none' || source.kind === undefined) return emptyContext();
  throw invalid(`unknown kind of build context: ${source.kind}`);
}

function failureOf(
  error: unknown,
  dockerfile: { readonly parsed: Dockerfile; readonly name: string } | undefined,
): BuildFailure {
  const location = locationOf(error);
  return {
    message: messageOf(error),
    kind: kindOf(error),
    ...(error instanceof LocatedError && error.exitCode !== undefined ? { exitCode: error.exitCode } : {}),
    ...(error instanceof LocatedError && error.vertex !== undefined ? { vertex: error.vertex } : {}),
    ...(location === undefined
      ? {}
      : {
          location: {
            startLine: location.start.line,
            endLine: location.end.line,
            startColumn: location.start.column,
          },
        }),
    ...(location === undefined || dockerfile === undefined
      ? {}
      : { excerpt: excerptOf(dockerfile.parsed, location, dockerfile.name) }),
  };
}

function locationOf(error: unknown): Location | undefined {
  if (error instanceof LocatedError || error instanceof DockerfileError) return error.location;
  return error instanceof EngineError && error.cause !== undefined ? locationOf(error.cause) : undefined;
}

export const buildCancelled = () => cancelled('build canceled');
