import { createHash } from 'node:crypto';
import type { BuildEvent } from '#api/index.ts';
import { readTar } from '#archive/read-tar.ts';
import { shownName } from '#archive/tar-entry.ts';
import type { Image, Images } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import type { Snapshotter } from '#snapshot/index.ts';
import { imageConfigOf, imageIdOf, type StageState } from '../solve/state.ts';

/** How many differing files of a layer are named. */
const named = 20;

/** Compares what was built with an image, and tells what differs: config, history, layers, files of layers. */
export async function verifyImage(
  name: string,
  state: StageState,
  {
    rooms,
    tell,
  }: {
    readonly rooms: { readonly images: Images; readonly snapshotter: Snapshotter };
    readonly tell: (event: BuildEvent) => void;
  },
): Promise<void> {
  const image = rooms.images.get(name);
  if (imageIdOf(state) === image.id) {
    tell({ kind: 'verified', same: true, differences: [] });
    return;
  }
  const differences = [
    ...configDifferences(image, imageConfigOf(state) as unknown as Record<string, unknown>),
    ...(await layerDifferences(image, state, rooms.snapshotter)),
  ];
  tell({ kind: 'verified', same: false, differences });
}

function configDifferences({ config }: Image, built: Readonly<Record<string, unknown>>): string[] {
  const then = config as unknown as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(then), ...Object.keys(built)]);
  names.delete('rootfs');
  return [...names].flatMap((name) => {
    const [before, now] = [JSON.stringify(then[name]), JSON.stringify(built[name])];
    return before === now ? [] : [`${name}: ${before ?? 'nothing'} then, ${now ?? 'nothing'} now`];
  });
}

async function layerDifferences(
  image: Image,
  { layers }: StageState,
  snapshotter: Snapshotter,
): Promise<string[]> {
  const count = Math.max(image.layers.length, layers.length);
  const differences: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const [then, now] = [image.layers[at], layers[at]];
    if (then === now) continue;
    if (then === undefined || now === undefined)
      differences.push(`layer ${at + 1}: ${then === undefined ? 'new' : 'gone'}`);
    else differences.push(...(await fileDifferences(at + 1, then, now, snapshotter)));
  }
  return differences;
}

async function fileDifferences(
  layer: number,
  then: Digest,
  now: Digest,
  snapshotter: Snapshotter,
): Promise<string[]> {
  const [before, after] = [await filesOf(then, snapshotter), await filesOf(now, snapshotter)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const differing = paths.filter((path) => before.get(path) !== after.get(path));
  const told = differing.slice(0, named).map((path) => {
    const how = before.has(path) ? (after.has(path) ? 'differs' : 'is gone') : 'is new';
    return `layer ${layer}: ${shownName(path)} ${how}`;
  });
  const rest = differing.length - told.length;
  return rest > 0 ? [...told, `layer ${layer}: and ${rest} more`] : told;
}

async function filesOf(diffId: Digest, snapshotter: Snapshotter): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for await (const { entry, body } of readTar(snapshotter.readTar(diffId))) {
    const hash = createHash('sha256');
    const { name, bodyOffset: _b, headerOffset: _h, xattrs, ...rest } = entry;
    hash.update(JSON.stringify([rest, [...xattrs].map(([key, value]) => [key, value.toString('hex')])]));
    for await (const chunk of body) hash.update(chunk);
    files.set(name, hash.digest('hex'));
  }
  return files;
}
