import { dirname, join } from 'node:path/posix';
import { decompressed, peeked } from '#archive/compression.ts';
import { readTar } from '#archive/read-tar.ts';
import { crashPoint } from '#base/crash-point.ts';
import { invalid, messageOf } from '#base/errors.ts';
import { type Digest, digestOf } from '#oci/digest.ts';
import { maxConfigBytes } from '#oci/manifest.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { hostPlatform, parsePlatform } from '#oci/platform.ts';
import { familiarString } from '#oci/reference.ts';
import { type ArchivedImage, imagesIn } from './archived-images.ts';
import { layerStatus, type Report, throttled } from './progress.ts';
import type { Rooms } from './rooms.ts';

type LoadRooms = Pick<Rooms, 'records' | 'layers' | 'snapshotter' | 'publish'>;

/** What an archive holds, by its paths inside: documents as they are, layers as what they became. */
export interface ArchiveContents {
  readonly documents: ReadonlyMap<string, Buffer>;
  readonly layers: ReadonlyMap<string, Digest>;
  /** Where a link leads, from the archive's root. */
  readonly links: ReadonlyMap<string, string>;
}

export interface LoadOptions {
  readonly tar: AsyncIterable<Uint8Array>;
  readonly quiet: boolean;
  readonly platform?: string | undefined;
}

const maxDocuments = 20_000;
const maxDocumentsBytes = 64 << 20;

/**
 * Loads the images of a docker-archive or an OCI layout, plain or compressed.
 *
 * One pass: what is no JSON document is taken for a layer and stored as it comes, whatever its name. Nothing is an image
 * before the whole archive was read; what turned out to be no image's layer goes.
 *
 * @throws {EngineError} `invalid` for an archive that lacks what it names
 */
export async function load(
  rooms: LoadRooms,
  options: LoadOptions,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const contents = {
    documents: new Map<string, Buffer>(),
    layers: new Map<string, Digest>(),
    links: new Map<string, string>(),
  };
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => void (await rooms.layers.collect({ only: [...contents.layers.values()] })));
  const holds = undo.use(new DisposableStack());
  await readArchive(rooms, options.tar, contents, {
    holds,
    report: options.quiet ? () => undefined : report,
    signal,
  });
  const images = imagesIn(contents, options.platform ? parsePlatform(options.platform) : hostPlatform);
  for (const image of images) record(rooms, image, report);
}

interface Reading {
  readonly holds: DisposableStack;
  readonly report: Report;
  readonly signal: AbortSignal;
}

interface Filling extends ArchiveContents {
  readonly documents: Map<string, Buffer>;
  readonly layers: Map<string, Digest>;
  readonly links: Map<string, string>;
}

async function readArchive(
  rooms: LoadRooms,
  tar: AsyncIterable<Uint8Array>,
  contents: Filling,
  reading: Reading,
): Promise<void> {
  let documentBytes = 0;
  for await (const { entry, body } of readTar(decompressed(tar))) {
    reading.signal.throwIfAborted();
    const name = within('', entry.name);
    if (entry.type === 'hardLink') contents.links.set(name, within('', entry.linkName));
    if (entry.type === 'symlink') contents.links.set(name, within(dirname(name), entry.linkName));
    if (entry.type !== 'file') continue;
    const { start, whole } = await peeked(body, 512);
    if (isLayer(start, entry.size))
      contents.layers.set(name, await storeLayer(rooms, whole, { name, size: entry.size }, reading));
    else if (entry.size <= maxConfigBytes) {
      const document = Buffer.concat(await Array.fromAsync(whole));
      documentBytes += document.length;
      if (contents.documents.size >= maxDocuments || documentBytes > maxDocumentsBytes)
        throw invalid('the archive holds more documents than an archive of images can');
      contents.documents.set(name, document);
    }
    // Something else, such as a bill of materials: passed over, and missed only if an image names it.
  }
}

/** A path of the archive, from its root; the root is its own parent. */
const within = (folder: string, path: string): string => join('/', folder, path).slice(1);

/** A tar or something compressed. Documents are text, and text is neither. */
function isLayer(start: Buffer, size: number): boolean {
  const isTar =
    size % 512 === 0 &&
    size >= 512 &&
    (start.subarray(257, 262).toString('latin1') === 'ustar' || start.every((byte) => byte === 0));
  const [first, second] = start;
  return (
    isTar ||
    (first === 0x1f && second === 0x8b) ||
    (first === 0x28 && second === 0xb5) ||
    (first === 0xfd && second === 0x37) ||
    (first === 0x42 && second === 0x5a)
  );
}

async function storeLayer(
  { layers }: LoadRooms,
  bytes: AsyncIterable<Uint8Array>,
  { name, size }: { readonly name: string; readonly size: number },
  { holds, report, signal }: Reading,
): Promise<Digest> {
  const id = layerName(name);
  const show = throttled((current) => report(layerStatus(id, 'Loading layer', current, size)));
  let current = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of bytes) {
      current += chunk.length;
      show(current);
      yield chunk;
    }
  }
  const diffId = await layers.ingest(decompressed(counted()), holds, signal);
  crashPoint('image.layer-loaded');
  return diffId;
}

/** What people know a layer by: its digest, or the folder it is in. */
const layerName = (name: string): string =>
  /[a-f0-9]{64}/.exec(name)?.[0] ?? name.replace(/\/layer\.tar$/, '');

function record({ records, snapshotter, publish }: LoadRooms, image: ArchivedImage, report: Report): void {
  const config = configOf(image);
  const layers = config.rootfs.diff_ids;
  const missing = layers.find((diffId) => !snapshotter.has(diffId));
  if (missing !== undefined) throw invalid(`the archive lacks layer ${missing} of image ${image.name}`);
  const id = digestOf(image.config);
  const size = layers.reduce((sum, diffId) => sum + snapshotter.getLayer(diffId).size, 0);
  const before = records.transaction(() => {
    records.add({ id, rawConfig: image.config.toString(), layers, size });
    return image.references.map((reference) => [reference, records.name(reference, id)] as const);
  });
  crashPoint('image.recorded');
  for (const [reference, older] of before) {
    if (older !== undefined && older !== id)
      report({
        stream: `The image ${familiarString(reference)} already exists, renaming the old one with ID ${older} to empty string\n`,
      });
    report({ stream: `Loaded image: ${familiarString(reference)}\n` });
  }
  if (image.references.length === 0) report({ stream: `Loaded image ID: ${id}\n` });
  publish('load', id, { name: id });
}

function configOf(image: ArchivedImage) {
  try {
    return parseImageConfig(image.config);
  } catch (cause) {
    throw invalid(`the archive's image ${image.name} is invalid: ${messageOf(cause)}`, { cause });
  }
}
