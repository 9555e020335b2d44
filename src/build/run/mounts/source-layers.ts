import type { FileSource } from '#archive/file-source.ts';
import type { Digest } from '#oci/digest.ts';
import type { Context } from '../../context/context.ts';
import { treeTar } from '../../export/tree-tar.ts';
import type { StepRooms } from '../rooms.ts';

export type MountSource = { readonly layers: readonly Digest[] } | { readonly files: FileSource };

/** How many contexts' layers are remembered. */
const most = 64;

/** What mounts are of, as layers: files that come by themselves are stored as one, and found again by their content. */
export class SourceLayers {
  readonly #rooms: Pick<StepRooms, 'snapshotter' | 'images'>;
  readonly #known = new Map<string, Digest>();
  readonly #pending = new WeakMap<FileSource, Promise<unknown>>();

  constructor(rooms: Pick<StepRooms, 'snapshotter' | 'images'>) {
    this.#rooms = rooms;
  }

  /** @param undo lets go of what was made for the step */
  async layersOf(
    source: MountSource,
    undo: AsyncDisposableStack,
    signal: AbortSignal,
  ): Promise<readonly Digest[]> {
    if ('layers' in source) return source.layers;
    const held = new DisposableStack();
    undo.defer(() => held.dispose());
    // Steps beside one another that want the same files store them once.
    await this.#pending.get(source.files)?.catch(() => undefined);
    const found = this.#stored(source.files, held, signal);
    this.#pending.set(source.files, found);
    return [await found];
  }

  async #stored(files: FileSource, held: DisposableStack, signal: AbortSignal): Promise<Digest> {
    const { images, snapshotter } = this.#rooms;
    const content = isContext(files) ? files.treeDigest('') : undefined;
    const known = content === undefined ? undefined : this.#known.get(content);
    if (known !== undefined) {
      held.use(images.holdLayers([known]));
      if (snapshotter.has(known)) return known;
    }
    const layer = await images.storeLayer(treeTar(files), held, signal);
    if (content !== undefined) this.#remember(content, layer);
    return layer;
  }

  #remember(content: string, layer: Digest): void {
    this.#known.delete(content);
    this.#known.set(content, layer);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= most) break;
      this.#known.delete(oldest);
    }
  }
}

const isContext = (files: FileSource): files is Context => 'treeDigest' in files;
