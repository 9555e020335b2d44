import { EngineError, invalid, messageOf } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import {
  arrayAt,
  type JsonObject,
  objectAt,
  optionalAt,
  parseObject,
  stringAt,
  stringMapAt,
} from '#oci/document.ts';
import { type Descriptor, descriptorAt, maxManifestBytes } from '#oci/manifest.ts';
import { isIndexType, isManifestType, mediaTypes } from '#oci/media-types.ts';
import type { ManifestReference } from '../records/index.ts';
import { RegistryError } from './errors.ts';
import { hasMoreValues } from './json-values.ts';

/** A manifest or an index, image or artifact, as the registry needs to know it. */
export interface ManifestDocument {
  readonly mediaType: string;
  /** What referrers are filtered by; empty where it says nothing. */
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly subject: Digest | undefined;
  readonly config: Descriptor | undefined;
  readonly references: readonly ManifestReference[];
}

/** Far above what any image or artifact has, and few enough that nobody waits while one is read. */
const mostValues = 100_000;
const mostReferences = 10_000;
const mostAnnotations = 2000;

/**
 * Reads what a client pushes as a manifest: an image's or an artifact's, of any config and layers, or an index.
 *
 * @param contentType what the client calls it; the document's own `mediaType` must be the same
 * @throws {RegistryError} `MANIFEST_INVALID` naming the field
 * @see OCI image-spec, manifest.md and image-index.md; Docker image manifest v2, schema 2
 */
export function readManifest(bytes: Uint8Array, contentType: string | undefined): ManifestDocument {
  try {
    if (hasMoreValues(bytes, mostValues)) throw invalid(`manifest has more than ${mostValues} values`);
    const document = parseObject(bytes, 'manifest', maxManifestBytes);
    checkForm(document);
    const mediaType = typeOf(document, contentType);
    return isIndexType(mediaType) ? indexOf(document, mediaType) : manifestOf(document, mediaType);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new RegistryError('MANIFEST_INVALID', messageOf(error));
  }
}

function checkForm(document: JsonObject): void {
  if (document['schemaVersion'] === 1)
    throw invalid('manifests of schema version 1 are not supported: push the image anew by a present client');
  if (document['schemaVersion'] !== 2) throw invalid('manifest.schemaVersion must be 2');
  // one document that reads as both would be two images under one digest (CVE-2021-41190)
  if (document['manifests'] !== undefined && (document['layers'] ?? document['config']) !== undefined)
    throw invalid('manifest is a manifest and an index at once');
}

function typeOf(document: JsonObject, contentType: string | undefined): string {
  const own = optionalAt(document['mediaType'], 'manifest.mediaType', stringAt) || undefined;
  const said = contentType?.split(';')[0]?.trim() || undefined;
  if (own !== undefined && said !== undefined && own !== said)
    throw invalid(
      `manifest.mediaType is ${JSON.stringify(own)}, the request's Content-Type ${JSON.stringify(said)}`,
    );
  const type =
    own ?? said ?? (document['manifests'] === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex);
  if (!isIndexType(type) && !isManifestType(type))
    throw invalid(`manifests of type ${JSON.stringify(type)} are not supported`);
  return type;
}

function indexOf(document: JsonObject, mediaType: string): ManifestDocument {
  const children = descriptorsAt(document['manifests'], 'index.manifests');
  return {
    ...commonOf(document, mediaType),
    config: undefined,
    // caches of builds are indexes of layers
    references: children.map((child) =>
      referenceTo(
        isIndexType(child.mediaType) || isManifestType(child.mediaType) ? 'manifest' : 'layer',
        child,
      ),
    ),
  };
}

function manifestOf(document: JsonObject, mediaType: string): ManifestDocument {
  const config = descriptorAt(document['config'], 'manifest.config');
  const layers = arrayAt(document['layers'] ?? [], 'manifest.layers', mostReferences).map((layer, index) => ({
    descriptor: descriptorAt(layer, `manifest.layers[${index}]`),
    isElsewhere: isElsewhere(layer as JsonObject),
  }));
  const common = commonOf(document, mediaType);
  return {
    ...common,
    artifactType: common.artifactType || config.mediaType,
    config,
    references: [
      referenceTo('config', config),
      ...layers
        .filter((layer) => !layer.isElsewhere)
        .map(({ descriptor }) => referenceTo('layer', descriptor)),
    ],
  };
}

const referenceTo = (kind: ManifestReference['kind'], { digest, size }: Descriptor): ManifestReference => ({
  kind,
  digest,
  size,
});

/** Layers that may not be distributed (Windows' bases) are where their addresses say. */
const isElsewhere = ({ mediaType, urls }: JsonObject): boolean =>
  Array.isArray(urls) && urls.length > 0 && /foreign|nondistributable/.test(String(mediaType));

function commonOf(document: JsonObject, mediaType: string) {
  const subject = optionalAt(document['subject'], 'manifest.subject', descriptorAt);
  return {
    mediaType,
    artifactType: optionalAt(document['artifactType'], 'manifest.artifactType', stringAt) ?? '',
    annotations: optionalAt(document['annotations'], 'manifest.annotations', annotationsAt) ?? {},
    subject: subject?.digest,
  };
}

const descriptorsAt = (value: unknown, where: string): readonly Descriptor[] =>
  arrayAt(value ?? [], where, mostReferences).map((entry, index) =>
    descriptorAt(entry, `${where}[${index}]`),
  );

function annotationsAt(value: unknown, where: string): Readonly<Record<string, string>> {
  const count = Object.keys(objectAt(value, where)).length;
  if (count > mostAnnotations) throw invalid(`${where} has ${count} entries, more than ${mostAnnotations}`);
  return stringMapAt(value, where);
}
