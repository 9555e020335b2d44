import { inspectImage } from '#client/image/inspect.ts';
import type { Cli } from '../command.ts';
import * as platform from '../platform.ts';
import type { BuildModel } from './progress/model.ts';

/** Writes `--iidfile` and `--metadata-file` once a build is done. */
export async function writeResults(
  cli: Cli,
  model: BuildModel,
  {
    iidfile,
    metadataFile,
    id,
  }: { readonly iidfile: string; readonly metadataFile: string; readonly id: string },
): Promise<void> {
  if (iidfile !== '' && model.image !== undefined) writeNew(iidfile, model.image);
  if (metadataFile === '') return;
  const metadata = await metadataOf(cli, model, id);
  writeNew(metadataFile, `${JSON.stringify(metadata, undefined, 2)}\n`);
}

/** Others may read it, unlike what `replaceText` writes. */
function writeNew(path: string, text: string): void {
  platform.remove(path);
  platform.createText(path, text);
}

async function metadataOf(cli: Cli, { image, names, warnings }: BuildModel, id: string) {
  const inspected =
    image === undefined ? undefined : await inspectImage(cli.daemon, image).catch(() => undefined);
  const descriptor = inspected?.Descriptor;
  return {
    'hoist.build.ref': id,
    ...(warnings.length > 0 && { 'hoist.build.warnings': warnings }),
    // where images are kept by their config, as here, that is their digest too; a manifest is made when one is pushed
    ...(image !== undefined && { 'containerimage.config.digest': image, 'containerimage.digest': image }),
    ...(descriptor !== undefined && {
      'containerimage.descriptor': descriptor,
      'containerimage.digest': descriptor.digest,
    }),
    ...(names.length > 0 && { 'image.name': names.join(',') }),
  };
}
