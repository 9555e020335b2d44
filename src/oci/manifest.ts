import { invalid, unsupported } from '#base/errors.ts';
import { type Digest, isDigest } from './digest.ts';
import {
  arrayAt,
  type JsonObject,
  objectAt,
  optionalAt,
  parseObject,
  sizeAt,
  stringAt,
  stringMapAt,
} from './document.ts';
import { isConfigType, isIndexType, isLayerType, isManifestType, mediaTypes } from './media-types.ts';
import type { Platform } from './platform.ts';

/** @see OCI image-spec, descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One image: its config and its layers, bottom first. @see OCI image-spec, manifest.md */
export interface Manifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Images of one name for several platforms. @see OCI image-spec, image-index.md */
export interface Index {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

/** The longest documents that are read: registries must take manifests of 4 MiB, and none needs more. */
export const maxManifestBytes = 4 << 20;
export const maxConfigBytes = 8 << 20;
const maxLayers = 1000;

/**
 * Reads a manifest or index that someone else wrote.
 *
 * @param contentType what the registry called it; the document's own `mediaType` must agree where both are known
 * @throws {EngineError} `invalid` naming the field; `unsupported` for schema 1 and for what is no image
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): Manifest | Index {
  const document = parseObject(bytes, 'manifest', maxManifestBytes);
  if (document['schemaVersion'] === 1) throw schema1();
  if (document['schemaVersion'] !== 2) throw invalid('manifest.schemaVersion must be 2');
  // One document that reads as both would be two images under one digest (CVE-2021-41190).
  if (document['manifests'] !== undefined && (document['layers'] ?? document['config']) !== undefined)
    throw invalid('manifest is a manifest and an index at once');
  const type = typeOf(document, contentType);
  return isIndexType(type) ? indexOf(document, type) : manifestOf(document, type);
}

function typeOf(document: JsonObject, contentType: string | undefined): string {
  const own = optionalAt(document['mediaType'], 'manifest.mediaType', stringAt);
  const said = contentType?.split(';')[0]?.trim();
  const known = [own, said].filter(
    (type) => type !== undefined && (isIndexType(type) || isManifestType(type)),
  );
  if (known.length === 2 && isIndexType(known[0]!) !== isIndexType(known[1]!))
    throw invalid(`manifest says it is ${own}, the registry ${said}`);
  const type = known[0];
  if (own !== undefined && own !== '' && own !== type)
    throw unsupported(`unsupported manifest media type ${JSON.stringify(own)}`);
  return type ?? (document['manifests'] === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex);
}

const schema1 = () =>
  unsupported(
    'Docker Image Format v1 and Docker Image manifest version 2, schema 1 are not supported: the image must be pushed anew in the OCI Format or Docker Image manifest v2, schema 2',
  );

function indexOf(document: JsonObject, mediaType: string): Index {
  const manifests = arrayAt(document['manifests'], 'index.manifests').map((entry, index) =>
    descriptorAt(entry, `index.manifests[${index}]`),
  );
  return { kind: 'index', mediaType, manifests };
}

function manifestOf(document: JsonObject, mediaType: string): Manifest {
  const config = descriptorAt(document['config'], 'manifest.config');
  if (!isConfigType(config.mediaType))
    throw unsupported(`the manifest is no image: its config is of type ${JSON.stringify(config.mediaType)}`);
  const layers = arrayAt(document['layers'], 'manifest.layers', maxLayers).map((entry, index) =>
    layerAt(entry, `manifest.layers[${index}]`),
  );
  return { kind: 'manifest', mediaType, config, layers };
}

function layerAt(value: unknown, where: string): Descriptor {
  const layer = descriptorAt(value, where);
  if (!isLayerType(layer.mediaType))
    throw unsupported(`${where} is of unsupported type ${JSON.stringify(layer.mediaType)}`);
  return layer;
}

/** @throws {EngineError} `invalid` naming the field */
export function descriptorAt(value: unknown, where: string): Descriptor {
  const entry = objectAt(value, where);
  const digest = stringAt(entry['digest'], `${where}.digest`);
  if (!isDigest(digest))
    throw invalid(`${where}.digest is no digest: ${JSON.stringify(digest.slice(0, 200))}`);
  const platform = optionalAt(entry['platform'], `${where}.platform`, platformAt);
  const annotations = optionalAt(entry['annotations'], `${where}.annotations`, stringMapAt);
  return {
    mediaType: stringAt(entry['mediaType'], `${where}.mediaType`),
    digest,
    size: sizeAt(entry['size'], `${where}.size`),
    ...(platform === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function platformAt(value: unknown, where: string): Platform {
  const entry = objectAt(value, where);
  const variant = optionalAt(entry['variant'], `${where}.variant`, stringAt);
  return {
    os: stringAt(entry['os'], `${where}.os`),
    architecture: stringAt(entry['architecture'], `${where}.architecture`),
    ...(variant === undefined || variant === '' ? {} : { variant }),
  };
}

/** The bytes of a manifest, always the same for the same image. */
export function manifestBytes(manifest: {
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}): Buffer {
  const { mediaType, config, layers } = manifest;
  const plain = ({ mediaType, size, digest }: Descriptor) => ({ mediaType, size, digest });
  const document = { schemaVersion: 2, mediaType, config: plain(config), layers: layers.map(plain) };
  return Buffer.from(JSON.stringify(document, null, 3));
}
