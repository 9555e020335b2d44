import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { BuildCache, BuildEvent, BuildRequest, BuildSummary } from '#api/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { conflict, invalid, messageOf, notFound } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { Events } from '#events/events.ts';
import { AgentConnections } from './agents.ts';
import { buildCancelled, buildOne } from './build-one.ts';
import type { Builds, CachePrune, Contexts } from './builds.ts';
import type { CacheCollector } from './cache/collect.ts';
import type { CachePolicy } from './cache/policy.ts';
import type { BuildsUnderWay } from './cache/under-way.ts';
import { EventQueue } from './event-queue.ts';
import { Outputs } from './export/outputs.ts';
import type { BuildHistory, EventLog } from './history/history.ts';
import { diskFull, isDiskFull } from './run/disk-full.ts';
import type { SolveRooms } from './solve/solve.ts';

export interface EngineBuildsOptions {
  readonly rooms: SolveRooms;
  readonly contexts: Contexts;
  readonly history: BuildHistory;
  readonly collector: CacheCollector;
  readonly underWay: BuildsUnderWay;
  readonly policy: () => CachePolicy;
  readonly events: Pick<Events, 'publish'>;
  readonly log: Log;
  readonly now: () => Date;
  readonly closeAll: () => Promise<void>;
}

interface Running {
  readonly abort: AbortController;
  readonly outputs: Outputs;
  readonly agents: AgentConnections;
  readonly ended: Promise<void>;
}

/** Cache mounts are measured within this after their use. */
const lateMilliseconds = 1500;

/** The builder of an engine: builds under way, those that were, and the cache of all. */
export class EngineBuilds implements Builds {
  readonly contexts: Contexts;
  readonly #options: EngineBuildsOptions;
  readonly #running = new Map<string, Running>();
  #collecting: Promise<void> | undefined;
  #collectAgain = false;
  #late: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EngineBuildsOptions) {
    this.#options = options;
    this.contexts = options.contexts;
  }

  build(request: BuildRequest, signal?: AbortSignal): AsyncIterable<BuildEvent> {
    if (this.#closed) throw conflict('the engine is closing');
    const id = request.id || randomBytes(10).toString('hex');
    if (!/^[a-z0-9]{12,64}$/i.test(id)) throw invalid(`invalid build id: ${JSON.stringify(id)}`);
    if (this.#running.has(id)) throw conflict(`build ${id} is under way`);
    const queue = new EventQueue();
    const abort = new AbortController();
    const outputs = new Outputs(this.#options.rooms);
    const agents = new AgentConnections(request.ssh ?? []);
    const either = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal]);
    const counted = this.#options.underWay.begin(this.#options.now());
    const ended = this.#run(id, request, { queue, outputs, agents, signal: either });
    this.#running.set(id, { abort, outputs, agents, ended });
    void ended.finally(() => {
      agents.close();
      this.#running.delete(id);
      counted[Symbol.dispose]();
      queue.end();
      this.#collectTwice();
    });
    return queue.read(async () => {
      abort.abort(buildCancelled());
      await ended;
    });
  }

  /** Runs one build to its end, which is told and recorded. */
  async #run(
    id: string,
    request: BuildRequest,
    given: {
      readonly queue: EventQueue;
      readonly outputs: Outputs;
      readonly agents: AgentConnections;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { history, now, rooms, log } = this.#options;
    const { queue, outputs, agents, signal } = given;
    const startedAt = now();
    const name = request.tags?.[0] ?? request.dockerfile ?? 'Dockerfile';
    let summary: BuildSummary = {
      ...{ id, name, startedAt: startedAt.toISOString(), outcome: 'running', steps: 0, cached: 0 },
    };
    const isBuild = request.call === undefined || request.call === 'build';
    let file: EventLog | undefined;
    const tell = (event: BuildEvent): void => {
      if (event.kind === 'graph') summary = { ...summary, steps: summary.steps + event.vertices.length };
      if (event.kind === 'end' && event.outcome === 'cached')
        summary = { ...summary, cached: summary.cached + 1 };
      file?.add(event);
      queue.push(event);
    };
    try {
      if (isBuild) {
        history.put(summary);
        file = await history.record(id);
      }
      tell({ kind: 'started', build: id, at: startedAt.toISOString() });
      const end = await buildOne({
        request,
        rooms,
        outputs,
        tell,
        signal,
        now,
        agent: (n) => agents.connector(n),
      });
      const at = now();
      const ended = end.outcome === 'done' ? end : { outcome: end.outcome, error: end.error.message };
      summary = { ...summary, ...ended, milliseconds: at.getTime() - startedAt.getTime() };
      if (isBuild) history.put(summary);
      crashPoint('build:recorded');
      tell({ kind: 'finished', at: at.toISOString(), ...end });
    } catch (error) {
      const { message } = isDiskFull(error) ? diskFull('Cannot record the build', error) : (error as Error);
      log.error('a build ended badly', { id, error: message });
      tell({ kind: 'finished', at: now().toISOString(), outcome: 'failed', error: { message } });
    } finally {
      await file?.close();
      await history.trim().catch((error: unknown) => {
        log.warn('cannot forget old builds', { error: messageOf(error) });
      });
    }
  }

  cancel(id: string): void {
    this.#get(id).abort.abort(buildCancelled());
  }

  output(id: string, n: number): AsyncIterable<Uint8Array> {
    return this.#get(id).outputs.fetch(n);
  }

  offerAgent(id: string, name: string, connection: Duplex): Promise<void> {
    return this.#get(id).agents.offer(name, connection);
  }

  #get(id: string): Running {
    const running = this.#running.get(id);
    if (running === undefined) throw notFound('build', id);
    return running;
  }

  history(): readonly BuildSummary[] {
    return this.#options.history.list();
  }

  get(id: string): BuildSummary {
    return this.#options.history.get(id);
  }

  events(id: string): AsyncIterable<BuildEvent> {
    return this.#options.history.events(id);
  }

  async forget(id: string): Promise<void> {
    await this.#options.history.forget(id);
  }

  usage(): readonly BuildCache[] {
    return this.#options.collector.usage();
  }

  async prune(options: CachePrune = {}): Promise<{ deleted: readonly string[]; spaceReclaimed: number }> {
    const result = await this.#options.collector.prune(options);
    this.#options.events.publish({
      type: 'builder',
      action: 'prune',
      id: '',
      attributes: { reclaimed: String(result.spaceReclaimed) },
    });
    return result;
  }

  /** After a build, and again once it is known how large its cache mounts have become. */
  #collectTwice(): void {
    if (this.#closed) return;
    this.#collect();
    clearTimeout(this.#late);
    if (this.#options.rooms.runner.caches().length === 0) return;
    this.#late = setTimeout(() => this.#collect(), lateMilliseconds).unref();
  }

  /** Holds the cache to its policy, one collection at a time. */
  #collect(): void {
    if (this.#closed) return;
    this.#collectAgain = this.#collecting !== undefined;
    if (this.#collectAgain) return;
    const { collector, policy, log } = this.#options;
    this.#collecting = collector
      .collect(policy())
      .catch((error: unknown) => log.warn('cannot collect the build cache', { error: messageOf(error) }))
      .finally(() => {
        this.#collecting = undefined;
        if (this.#collectAgain) this.#collect();
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#late);
    for (const { abort } of this.#running.values()) abort.abort(buildCancelled());
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
    await this.#collecting;
    await this.#options.closeAll();
  }
}
