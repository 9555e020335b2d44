import { EngineError, invalid, unsupported } from '#base/errors.ts';
import type { Repository } from '#distribution/repository.ts';
import type { Digest } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { type Index, type Manifest, parseManifest } from '#oci/manifest.ts';
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  type Platform,
  satisfies,
} from '#oci/platform.ts';
import { familiarString, type Reference } from '#oci/reference.ts';
import type { Report } from './progress.ts';

interface Resolving {
  readonly repository: Repository;
  readonly reference: Reference;
  readonly platform: Platform | undefined;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The image of one platform, as a registry describes it. */
export interface Resolved {
  readonly manifest: Manifest;
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** What an image says that it runs on. */
export const platformOf = ({ os, architecture, variant }: ImageConfig): Platform =>
  normalizePlatform(variant ? { os, architecture, variant } : { os, architecture });

/** The manifest for the platform asked for (this machine's when none is), behind an index or not. */
export async function resolve(
  pull: Resolving,
  document: Manifest | Index,
  remote: { bytes: Buffer; digest: Digest },
): Promise<Resolved> {
  if (document.kind === 'manifest') return { manifest: document, ...remote };
  const wanted = pull.platform ?? hostPlatform;
  const chosen = choosePlatform(document.manifests, wanted);
  if (chosen === undefined)
    throw new EngineError(
      'notFound',
      `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`,
    );
  const inner = await pull.repository.getManifest(chosen.digest, pull.signal);
  if (inner.bytes.length !== chosen.size)
    throw invalid(
      `manifest ${chosen.digest} is ${inner.bytes.length} bytes long, not ${chosen.size} as announced`,
    );
  const manifest = parseManifest(inner.bytes, inner.mediaType);
  if (manifest.kind === 'index')
    throw unsupported(`index ${remote.digest} holds another index for ${formatPlatform(wanted)}`);
  return { manifest, bytes: inner.bytes, digest: inner.digest };
}

/** @throws {EngineError} `unsupported` for another system; another platform than was asked for gets a warning */
export function checkPlatform({ reference, platform, report }: Resolving, config: ImageConfig): void {
  const have = platformOf(config);
  if (config.os !== 'linux')
    throw unsupported(
      `image operating system ${JSON.stringify(config.os)} cannot be used on this platform: operating system is not supported`,
    );
  if (platform === undefined || satisfies(have, platform)) return;
  const name = familiarString(reference);
  const [is, wanted] = [formatPlatform(have), formatPlatform(platform)];
  // dockerd pulls it all the same: an image for one platform may be labelled carelessly.
  report({
    status: `WARNING: image with reference ${name} was found but its platform (${is}) does not match the specified platform (${wanted})`,
  });
}
