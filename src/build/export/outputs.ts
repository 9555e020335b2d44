import type { BuildEvent, BuildOutput, BuildRequest } from '#api/index.ts';
import { invalid, notFound } from '#base/errors.ts';
import type { Image, Images } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import { MountedFiles, type Snapshotter } from '#snapshot/index.ts';
import { imageConfigOf, imageIdOf, type StageState } from '../solve/state.ts';
import { treeTar } from './tree-tar.ts';

/** An output that a client is to fetch; it waits until it was. */
interface Waiting {
  readonly open: () => AsyncGenerator<Uint8Array>;
  readonly fetched: PromiseWithResolvers<void>;
  taken: boolean;
}

/** The outputs of one build: what is recorded here, and what a client fetches as bytes while the build waits. */
export class Outputs {
  readonly #rooms: { readonly images: Images; readonly snapshotter: Snapshotter };
  readonly #waiting = new Map<number, Waiting>();

  constructor(rooms: { readonly images: Images; readonly snapshotter: Snapshotter }) {
    this.#rooms = rooms;
  }

  /** @throws {EngineError} `notFound` for one that is not there or was fetched */
  fetch(n: number): AsyncGenerator<Uint8Array> {
    const waiting = this.#waiting.get(n);
    if (waiting === undefined || waiting.taken) throw notFound('build output', String(n));
    waiting.taken = true;
    return settled(waiting);
  }

  /** Writes every output of a build. @returns the image, where one was recorded */
  async write(
    state: StageState,
    request: BuildRequest,
    {
      tell,
      signal,
      existing,
    }: {
      readonly tell: (event: BuildEvent) => void;
      readonly signal: AbortSignal;
      /** The image of the last step (classic): it is the result itself. */
      readonly existing: Digest | undefined;
    },
  ): Promise<Image | undefined> {
    const outputs: readonly BuildOutput[] = request.outputs?.length ? request.outputs : [{ type: 'image' }];
    let image: Image | undefined;
    for (const [n, output] of outputs.entries()) {
      if (output.type === 'cacheonly') continue;
      if (output.type === 'image' || output.type === undefined) {
        const names = output.names?.length ? output.names : (request.tags ?? []);
        image =
          existing === undefined
            ? await this.#rooms.images.create({ config: imageConfigOf(state), names })
            : this.#named(existing, names);
        tell({ kind: 'image', id: image.id, names });
        continue;
      }
      await this.#offer(n, output, { state, request, tell, signal });
    }
    return image;
  }

  #named(id: Digest, names: readonly string[]): Image {
    for (const name of names) this.#rooms.images.tag(id, name);
    return this.#rooms.images.get(id);
  }

  async #offer(
    n: number,
    output: BuildOutput,
    {
      state,
      request,
      tell,
      signal,
    }: {
      readonly state: StageState;
      readonly request: BuildRequest;
      readonly tell: (event: BuildEvent) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { type = '' } = output;
    const open = () =>
      type === 'local' || type === 'tar'
        ? this.#files(state)
        : this.#archive(state, output.names?.length ? output.names : (request.tags ?? []), signal);
    if (!['local', 'tar', 'oci', 'docker'].includes(type)) throw invalid(`unsupported output type: ${type}`);
    const waiting: Waiting = { open, fetched: Promise.withResolvers<void>(), taken: false };
    waiting.fetched.promise.catch(() => undefined);
    this.#waiting.set(n, waiting);
    const onAbort = () => waiting.fetched.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      tell({ kind: 'output', n, type });
      await waiting.fetched.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(n);
    }
  }

  async *#files({ layers }: StageState): AsyncGenerator<Uint8Array> {
    await using view = await this.#rooms.snapshotter.view(layers);
    using files = new MountedFiles(view.fd);
    yield* treeTar(files);
  }

  /** An archive holds an image that need not stay here. */
  async *#archive(
    state: StageState,
    names: readonly string[],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { images } = this.#rooms;
    const isNew = images.find(imageIdOf(state)) === undefined;
    const image = await images.create({ config: imageConfigOf(state) });
    try {
      yield* images.save([image.id], { signal, as: names });
    } finally {
      if (isNew) await images.remove(image.id, { noPrune: true });
    }
  }
}

async function* settled({ open, fetched }: Waiting): AsyncGenerator<Uint8Array> {
  try {
    yield* open();
    fetched.resolve();
  } catch (error) {
    fetched.reject(error);
    throw error;
  } finally {
    // a client that goes in the middle has not fetched it
    fetched.reject(invalid('the output was not fetched to its end'));
  }
}
