import type { BuildEvent, BuildFailure, JSONMessage } from '#api/index.ts';
import { EngineError } from '#base/errors.ts';
import { type ClassicOptions, ClassicSteps, shortImage } from './classic-steps.ts';

/**
 * What a build tells as dockerd's classic builder writes it: a step after the other in the Dockerfile's order, whatever
 * the order they ran in. A step whose turn has not come is kept, its output up to a limit.
 *
 * @throws {EngineError} when the build failed before its first step, as dockerd answers by status then
 */
export function classicLines(
  events: AsyncIterable<BuildEvent>,
  options: ClassicOptions,
): AsyncGenerator<JSONMessage, void, void> {
  const all = allLines(events, options);
  return options.quiet ? quietly(all) : all;
}

async function* allLines(
  events: AsyncIterable<BuildEvent>,
  options: ClassicOptions,
): AsyncGenerator<JSONMessage, void, void> {
  const steps = new ClassicSteps(options);
  const warnings: string[] = [];
  let names: readonly string[] = [];
  let told = false;
  for await (const event of events) {
    if (event.kind === 'warning' && event.warning.rule === 'UnusedBuildArgs')
      warnings.push(event.warning.detail);
    if (event.kind === 'image') names = event.names;
    if (event.kind !== 'finished') {
      for (const line of steps.take(event)) {
        told = true;
        yield line;
      }
      continue;
    }
    if (event.outcome === 'done') {
      yield* steps.finish(event.image);
      yield* successLines(event.image, { names, warnings, squash: options.squash === true });
      return;
    }
    const error = event.error ?? { message: 'the build failed' };
    const last = steps.fail(error);
    if (!told && last.length === 0) throw new EngineError(kindOf(error), error.message);
    yield* last;
    yield errorLine(error);
  }
}

function* successLines(
  image: string | undefined,
  told: { readonly names: readonly string[]; readonly warnings: readonly string[]; readonly squash: boolean },
): Generator<JSONMessage> {
  for (const warning of told.warnings) yield { stream: `[Warning] ${warning}\n` };
  if (image === undefined) return;
  if (told.squash) yield { id: 'moby.image.id', aux: { ID: image } };
  yield { stream: `Successfully built ${shortImage(image)}\n` };
  for (const name of told.names) yield { stream: `Successfully tagged ${name}\n` };
}

const errorLine = ({ message, exitCode }: BuildFailure): JSONMessage => ({
  errorDetail: exitCode === undefined ? { message } : { code: exitCode, message },
  error: message,
});

// dockerd answers 500 for a Dockerfile that is not there, and 400 for one that is wrong
const kindOf = ({ kind, location }: BuildFailure) => {
  if (kind === 'cancelled' || kind === 'unsupported') return kind;
  return (kind ?? (location && 'invalid')) === 'invalid' ? 'invalid' : 'internal';
};

/** How much is kept to be shown of a quiet build that fails: its end. Bytes. */
const keptBytes = 4 << 20;

/** The image's id alone; of a build that failed its lines too. */
async function* quietly(lines: AsyncIterable<JSONMessage>): AsyncGenerator<JSONMessage, void, void> {
  let kept: JSONMessage[] = [];
  let bytes = 0;
  let image: string | undefined;
  for await (const line of lines) {
    if (line.error !== undefined) {
      yield* kept;
      yield line;
      return;
    }
    if (line.aux !== undefined) image = (line.aux as { readonly ID: string }).ID;
    kept.push(line);
    bytes += sizeOf(line);
    if (bytes > keptBytes) {
      kept = kept.slice(kept.length >> 1);
      bytes = kept.reduce((sum, each) => sum + sizeOf(each), 0);
    }
  }
  if (image !== undefined) yield { stream: `${image}\n` };
}

const sizeOf = ({ stream }: JSONMessage): number => (stream?.length ?? 0) + 100;
