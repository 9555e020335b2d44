import type { BuildEvent } from '#api/index.ts';
import { messageOf } from '#base/errors.ts';
import type { Image } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import type { Platform } from '#oci/platform.ts';
import type { BaseImages } from '../solve/base-images.ts';
import { type Style, stepMark } from '../solve/state.ts';

/**
 * The steps that images given by `--cache-from` were made of: an image built here names the key of each step in its
 * history. One that cannot be had is passed over with a word; of the classic builder's, which does not pull them, without.
 */
export async function importedSteps(
  names: readonly string[],
  options: {
    readonly bases: BaseImages;
    readonly platform: Platform;
    readonly style: Style;
    readonly tell: (event: BuildEvent) => void;
  },
): Promise<ReadonlyMap<string, Digest | undefined>> {
  const steps = new Map<string, Digest | undefined>();
  for (const name of names.map(imageName)) {
    try {
      const wanted = { wanted: options.platform, isGiven: false };
      const image =
        options.style === 'classic'
          ? options.bases.find(name)
          : await options.bases.get(name, wanted, () => undefined);
      for (const [key, layer] of image === undefined ? [] : stepsOf(image)) steps.set(key, layer);
    } catch (error) {
      const what = `importing cache from ${name}: ${messageOf(error)}`;
      options.tell({ kind: 'progress', id: -1, what });
    }
  }
  return steps;
}

/** `type=registry,ref=NAME` is NAME. */
function imageName(text: string): string {
  const reference = text.split(',').find((field) => field.startsWith('ref='));
  return reference === undefined ? text : reference.slice('ref='.length);
}

function* stepsOf({ config, layers }: Image): Iterable<[string, Digest | undefined]> {
  let next = 0;
  for (const { comment = '', empty_layer: isEmpty } of config.history ?? []) {
    const layer = isEmpty === true ? undefined : layers[next++];
    if (comment.startsWith(stepMark)) yield [comment.slice(stepMark.length), layer];
  }
}
