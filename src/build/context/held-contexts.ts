import { conflict, notFound } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { Context } from './context.ts';
import type { FileTree } from './file-tree.ts';
import { type Contents, TreeContext } from './tree-context.ts';
import { TreeDigests } from './tree-digest.ts';

/** A context that no build has asked for goes after this long. */
const patienceMilliseconds = 3_600_000;
/** Of those: the oldest goes when there are more. */
const maxWaiting = 256;

/** A context by its id, on its way to a build. */
export interface HeldContext {
  readonly name: string;
  readonly tree: FileTree;
  readonly contents: Contents;
  readonly received: number;
  /** Whether all of it is here. */
  readonly whole: boolean;
  /** Contents in the packs that must stay while it is held. */
  needed?(): Iterable<Digest>;
  dispose(): Promise<void>;
}

interface Holding<T extends HeldContext> {
  readonly context: T;
  readonly digests: TreeDigests;
  opened: number;
  timer: NodeJS.Timeout | undefined;
}

/** Contexts that came in, by id: kept until the build that opens one is done with it. */
export class HeldContexts<T extends HeldContext> {
  readonly #held = new Map<string, Holding<T>>();

  add(id: string, context: T, digests = new TreeDigests(context.tree)): void {
    const timer = setTimeout(() => void this.#drop(id), patienceMilliseconds);
    timer.unref();
    this.#held.set(id, { context, digests, opened: 0, timer });
    const waiting = [...this.#held].filter(([, { opened }]) => opened === 0);
    if (waiting.length > maxWaiting) void this.#drop(waiting[0]![0]);
  }

  /** @throws {EngineError} `notFound` */
  get(id: string): T {
    const holding = this.#held.get(id);
    if (holding === undefined) throw notFound('build context', id);
    return holding.context;
  }

  /** @throws {EngineError} `notFound`; `conflict` when it is not whole yet */
  open(id: string): Context {
    const context = this.get(id);
    if (!context.whole) throw conflict(`The build context ${id} is not complete`);
    const holding = this.#held.get(id)!;
    clearTimeout(holding.timer);
    holding.opened += 1;
    const { name, received, tree, contents } = context;
    const release = async (): Promise<void> => {
      holding.opened -= 1;
      if (holding.opened === 0) await this.#drop(id);
    };
    return new TreeContext({ name, received, tree, contents, digests: holding.digests, release });
  }

  all(): readonly T[] {
    return [...this.#held.values()].map(({ context }) => context);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((id) => this.#drop(id)));
  }

  async #drop(id: string): Promise<void> {
    const holding = this.#held.get(id);
    if (holding === undefined) return;
    this.#held.delete(id);
    clearTimeout(holding.timer);
    await holding.context.dispose();
  }
}
