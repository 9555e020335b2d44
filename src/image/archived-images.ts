import { join } from 'node:path/posix';
import { invalid } from '#base/errors.ts';
import { type Digest, hexOf } from '#oci/digest.ts';
import { arrayAt, objectAt, optionalAt, parseObject, stringAt, stringsAt } from '#oci/document.ts';
import { type Descriptor, descriptorAt, parseManifest } from '#oci/manifest.ts';
import { isIndexType } from '#oci/media-types.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { choosePlatform, type Platform } from '#oci/platform.ts';
import { parseReference, type Reference, withDefaultTag } from '#oci/reference.ts';
import type { ArchiveContents } from './load.ts';

/** An image that an archive tells of. */
export interface ArchivedImage {
  /** For messages: its first name, or its config's path. */
  readonly name: string;
  readonly config: Buffer;
  readonly references: readonly Reference[];
}

const maxBytes = 8 << 20;
const maxDepth = 3;

/**
 * The images of an archive that was read: by `manifest.json` where there is one (docker-archive), else by `index.json`
 * (OCI layout).
 *
 * @throws {EngineError} `invalid` when it has neither, or one that names what is not there
 */
export function imagesIn(contents: ArchiveContents, platform: Platform): readonly ArchivedImage[] {
  const list = contents.documents.get('manifest.json');
  if (list !== undefined) return dockerImages(contents, list);
  const index = contents.documents.get('index.json');
  if (index !== undefined) return layoutImages(contents, index, platform);
  throw invalid('invalid archive: does not contain a manifest.json');
}

function dockerImages(contents: ArchiveContents, list: Buffer): ArchivedImage[] {
  const wrapped = parseObject(
    Buffer.concat([Buffer.from('{"images":'), list, Buffer.from('}')]),
    'manifest.json',
    maxBytes,
  );
  return arrayAt(wrapped['images'], 'manifest.json', 1000).map((value, index) => {
    const where = `manifest.json[${index}]`;
    const item = objectAt(value, where);
    const path = stringAt(item['Config'], `${where}.Config`);
    const config = documentAt(contents, path);
    const tags = optionalAt(item['RepoTags'], `${where}.RepoTags`, stringsAt) ?? [];
    checkLayers(contents, config, optionalAt(item['Layers'], `${where}.Layers`, stringsAt) ?? []);
    return { name: tags[0] ?? path, config, references: tags.map(tagged) };
  });
}

/** Each layer must be what the config says: else an image would be made of another's layers. */
function checkLayers(contents: ArchiveContents, config: Buffer, paths: readonly string[]): void {
  const diffIds = parseImageConfig(config).rootfs.diff_ids;
  if (diffIds.length !== paths.length)
    throw invalid(
      `invalid manifest, layers length mismatch: expected ${diffIds.length}, got ${paths.length}`,
    );
  paths.forEach((path, index) => {
    const found = layerAt(contents, path);
    if (found !== diffIds[index])
      throw invalid(`layer ${JSON.stringify(path)} is ${found}, not ${diffIds[index]} as the config says`);
  });
}

function layerAt(contents: ArchiveContents, path: string): Digest {
  const layer = contents.layers.get(resolved(contents, path));
  if (layer === undefined) throw invalid(`the archive lacks layer ${JSON.stringify(path)}`);
  return layer;
}

function documentAt(contents: ArchiveContents, path: string): Buffer {
  const document = contents.documents.get(resolved(contents, path));
  if (document === undefined) throw invalid(`the archive lacks ${JSON.stringify(path)}`);
  return document;
}

/** Where a path leads inside the archive: old archives link to a layer that another image brought. */
function resolved({ links }: ArchiveContents, path: string): string {
  let at = join('/', path).slice(1);
  for (let hops = 0; hops < 10; hops += 1) {
    const target = links.get(at);
    if (target === undefined) return at;
    at = target;
  }
  throw invalid(`the archive's link ${JSON.stringify(path)} leads nowhere`);
}

function layoutImages(contents: ArchiveContents, index: Buffer, platform: Platform): ArchivedImage[] {
  const document = parseObject(index, 'index.json', maxBytes);
  return arrayAt(document['manifests'], 'index.json.manifests', 1000).map((value, position) => {
    const descriptor = descriptorAt(value, `index.json.manifests[${position}]`);
    const name =
      descriptor.annotations?.['io.containerd.image.name'] ??
      descriptor.annotations?.['org.opencontainers.image.ref.name'];
    const config = layoutConfig(contents, descriptor, platform, 0);
    return { name: name ?? descriptor.digest, config, references: namesOf(name) };
  });
}

/** `org.opencontainers.image.ref.name` may be a bare tag, which names nothing by itself. */
const namesOf = (name: string | undefined): Reference[] =>
  name === undefined || !/[:/]/.test(name) ? [] : [withDefaultTag(parseReference(name))];

function layoutConfig(
  contents: ArchiveContents,
  descriptor: Descriptor,
  platform: Platform,
  depth: number,
): Buffer {
  if (depth > maxDepth) throw invalid('the archive nests indexes too deep');
  const manifest = parseManifest(
    blobAt(contents, descriptor),
    isIndexType(descriptor.mediaType) ? descriptor.mediaType : undefined,
  );
  if (manifest.kind === 'manifest') {
    const config = blobAt(contents, manifest.config);
    checkLayers(contents, config, manifest.layers.map(blobPath));
    return config;
  }
  const here = manifest.manifests.filter((entry) => contents.documents.has(blobPath(entry)));
  const chosen = choosePlatform(here, platform) ?? here.find((entry) => entry.platform === undefined);
  if (chosen === undefined)
    throw invalid(`the archive's index ${descriptor.digest} holds no image for this platform`);
  return layoutConfig(contents, chosen, platform, depth + 1);
}

const blobPath = ({ digest }: Pick<Descriptor, 'digest'>): string =>
  `blobs/${digest.slice(0, digest.indexOf(':'))}/${hexOf(digest)}`;

function blobAt(contents: ArchiveContents, descriptor: Descriptor): Buffer {
  return documentAt(contents, blobPath(descriptor));
}

function tagged(name: string): Reference {
  const reference = withDefaultTag(parseReference(name));
  if (reference.digest !== undefined) throw invalid(`invalid tag ${JSON.stringify(name)}`);
  return reference;
}
