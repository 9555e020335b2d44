import type { FileSource } from '#archive/file-source.ts';
import { fromText } from '#archive/tar-entry.ts';
import { EngineError, kindOf, messageOf } from '#base/errors.ts';
import { chainId, type Digest } from '#oci/digest.ts';
import type { Context } from '../context/context.ts';
import type { StepContext } from './solve.ts';

/** Where files are taken from: layers of a stage or image, or a context's files. */
export interface ResolvedSource {
  readonly from: { readonly layers: readonly Digest[] } | { readonly files: FileSource };
  /** What is at a path, by content: of layers, all of them. */
  readonly digestOf: (path: string) => string;
  /** Present for contexts. */
  readonly context: Context | undefined;
}

/** What a `from=` means: the context when absent, a stage, a context by name, else an image. */
export async function mountSource(
  { solve, stage, vertex }: StepContext,
  name: string | undefined,
): Promise<ResolvedSource> {
  const { context, namedContexts, bases, platform, teller } = solve.options;
  if (name === undefined) return ofContext(context);
  const named = namedContexts.get(name);
  if (named !== undefined && !('image' in named)) return ofContext(named);
  const index = solve.stageNamed(name, stage.stage.index);
  if (index !== undefined) return ofLayers((await solve.stage(index)).layers);
  if (name === 'scratch') return ofLayers([]);
  try {
    const image = await bases.get(
      named?.image ?? name,
      { wanted: platform, isGiven: Boolean(solve.options.request.platform) },
      (text, current, total) => teller.progress(vertex, text, current, total),
    );
    return ofLayers(image.layers);
  } catch (error) {
    if (solve.style !== 'classic') throw error;
    const message = `invalid from flag value ${name}: ${messageOf(error)}`;
    throw new EngineError(kindOf(error), message, { cause: error });
  }
}

function ofLayers(layers: readonly Digest[]): ResolvedSource {
  const chain = layers.length === 0 ? 'scratch' : chainId(layers);
  return { from: { layers }, digestOf: () => chain, context: undefined };
}

const ofContext = (context: Context): ResolvedSource => ({
  from: { files: context },
  digestOf: (path) =>
    context.treeDigest(
      fromText(
        path
          .split('/')
          .filter((part) => part !== '' && part !== '.')
          .join('/'),
      ),
    ),
  context,
});
