import type { ImageConfig, ImageHistory } from '#oci/image-config.ts';
import type { Descriptor } from '#oci/manifest.ts';
import type { Layer } from '../api/repositories.ts';

/**
 * Layers, bottom first, with the commands that made them and those that made none, in the order of the image's history. What the
 * history says too little or too much about stays without a command, or is left out.
 */
export function layersWithCommands(
  layers: readonly Descriptor[],
  history: ImageConfig['history'] | null,
): readonly Layer[] {
  const left = [...layers];
  const known = (history ?? []).flatMap((entry): Layer[] => {
    if (entry.empty_layer === true) return [{ size: 0, ...commandOf(entry) }];
    const layer = left.shift();
    return layer === undefined ? [] : [{ ...layerOf(layer), ...commandOf(entry) }];
  });
  return [...known, ...left.map(layerOf)];
}

const layerOf = ({ digest, size, mediaType }: Descriptor): Layer => ({ digest, size, mediaType });

const commandOf = ({ created_by: text = '' }: ImageHistory): { readonly command?: string } => {
  const command = readableCommand(text);
  return command === '' ? {} : { command };
};

/**
 * A history's `created_by` as an instruction of a Dockerfile.
 *
 *     readableCommand('/bin/sh -c #(nop)  CMD ["sh"]')            // CMD ["sh"]
 *     readableCommand('/bin/sh -c apk add git')                   // RUN apk add git
 *     readableCommand('RUN /bin/sh -c apk add git # buildkit')    // RUN apk add git
 */
export function readableCommand(text: string): string {
  const bare = text.replace(/\s+# buildkit$/, '').trim();
  const nop = /^\/bin\/sh -c #\(nop\)\s*(.*)$/s.exec(bare);
  if (nop !== null) return nop[1]!;
  // build arguments come before the command: |1 VERSION=3 /bin/sh -c make
  const run = /^(?:RUN )?(?:\|\d+ .*?)?\/bin\/sh -c (.*)$/s.exec(bare);
  return run === null ? bare : `RUN ${run[1]!}`;
}
