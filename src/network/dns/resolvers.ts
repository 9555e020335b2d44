import { EngineError, messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { Attached } from '../attached.ts';
import { isPredefined, type NetworkTable } from '../network-table.ts';
import type { NamedContainer } from '../networks.ts';
import type { EndpointRecord, NetworkRecord } from '../records.ts';
import { NameAnswers } from './answer.ts';
import { Forwarder } from './forward.ts';
import { type Answering, DNS_PORT, type Listener, listenIn } from './listener.ts';
import { type AskedNetwork, type NamedEndpoint, NetworkNames } from './names.ts';
import { redirectIn } from './redirect.ts';
import { Resolver } from './resolver.ts';

export interface ResolversParts {
  readonly attached: Pick<Attached, 'of' | 'nameOf'>;
  readonly table: Pick<NetworkTable, 'byId'>;
  readonly log: Log;
  /** Whether packet filters may be touched. */
  readonly redirects: boolean;
}

/** Names of the containers on users' networks, and the resolvers of those containers: one each. */
export class Resolvers implements Disposable {
  readonly #parts: ResolversParts;
  readonly #names = new NetworkNames();
  /** By endpoint. */
  readonly #named = new Map<string, NamedEndpoint>();
  readonly #open = new Map<string, Disposable>();
  #saidUnredirected = false;

  constructor(parts: ResolversParts) {
    this.#parts = parts;
  }

  /** Follows a change of what a container has on networks. */
  changed(before: readonly EndpointRecord[], after: readonly EndpointRecord[]): void {
    for (const { endpointId } of before) this.#forget(endpointId);
    for (const endpoint of after) this.#remember(endpoint);
  }

  renamed(containerId: string): void {
    const endpoints = this.#parts.attached.of(containerId);
    this.changed(endpoints, endpoints);
  }

  async serve({ containerId, hold, servers }: NamedContainer): Promise<void> {
    if (this.#open.has(containerId)) return;
    try {
      using namespace = await hold();
      if (namespace === undefined || this.#open.has(containerId)) return;
      this.#open.set(containerId, this.#start(containerId, namespace.fd, servers));
    } catch (error) {
      this.#parts.log.error('container resolves no names', { id: containerId, error: messageOf(error) });
    }
  }

  close(containerId: string): void {
    this.#open.get(containerId)?.[Symbol.dispose]();
    this.#open.delete(containerId);
  }

  [Symbol.dispose](): void {
    for (const containerId of [...this.#open.keys()]) this.close(containerId);
  }

  #start(containerId: string, namespace: number, servers: NamedContainer['servers']): Disposable {
    using stack = new DisposableStack();
    const ending = new AbortController();
    stack.defer(() => ending.abort());
    const answers = new NameAnswers(this.#names, () => this.#networksOf(containerId));
    const reachable = () => (this.#hasOutside(containerId) ? servers : []);
    const forwarder = new Forwarder(reachable, { namespace, signal: ending.signal });
    stack.use(forwarder);
    const resolver = new Resolver(answers, forwarder);
    stack.use(this.#listen(namespace, this.#safely(containerId, resolver)));
    return stack.move();
  }

  /** What one container asks is no reason for the daemon to end. */
  #safely(id: string, resolver: Resolver): Answering {
    const told = (error: unknown): undefined =>
      void this.#parts.log.error('question for a name failed', { id, error: messageOf(error) });
    return (message, way) => {
      try {
        const reply = resolver.respond(message, way);
        return reply instanceof Promise ? reply.catch(told) : reply;
      } catch (error) {
        return told(error);
      }
    };
  }

  /** On free ports that port 53 leads to, so that 53 is the container's own; where nothing can lead there, on 53. */
  #listen(namespace: number, answer: Answering): Listener {
    if (this.#parts.redirects) {
      using stack = new DisposableStack();
      const listener = stack.use(listenIn(namespace, 0, answer));
      try {
        redirectIn(namespace, listener.ports);
        stack.move();
        return listener;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        this.#sayUnredirected(error);
      }
    } else this.#sayUnredirected();
    return listenIn(namespace, DNS_PORT, answer);
  }

  #sayUnredirected(error?: EngineError): void {
    if (this.#saidUnredirected) return;
    this.#saidUnredirected = true;
    const reason = error === undefined ? {} : { error: error.message };
    this.#parts.log.warn(
      'without nftables, containers on networks of users cannot listen on port 53 of every address',
      reason,
    );
  }

  #remember(endpoint: EndpointRecord): void {
    if (endpoint.unfinished || !isUsers(this.#recordOf(endpoint))) return;
    const named = { endpoint, name: this.#parts.attached.nameOf(endpoint.containerId) };
    this.#named.set(endpoint.endpointId, named);
    this.#names.add(named);
  }

  #forget(endpointId: string): void {
    const named = this.#named.get(endpointId);
    if (named !== undefined) this.#names.remove(named);
    this.#named.delete(endpointId);
  }

  /** In the order in which dockerd asks: what reaches the outside first, then by priority, then by name. */
  #networksOf(containerId: string): AskedNetwork[] {
    return this.#parts.attached
      .of(containerId)
      .map((endpoint) => ({ endpoint, record: this.#recordOf(endpoint) }))
      .filter(({ record }) => isUsers(record))
      .toSorted(
        (a, b) =>
          Number(a.record.internal) - Number(b.record.internal) ||
          (b.endpoint.gatewayPriority ?? 0) - (a.endpoint.gatewayPriority ?? 0) ||
          (a.record.name < b.record.name ? -1 : 1),
      )
      .map(({ endpoint, record: { id, name } }) => ({
        networkId: id,
        networkName: name,
        links: endpoint.links ?? [],
      }));
  }

  /** Internal networks alone do not let names out either: a name asked for is a message to whoever answers. */
  #hasOutside(containerId: string): boolean {
    return this.#parts.attached
      .of(containerId)
      .map((endpoint) => this.#recordOf(endpoint))
      .some(({ internal, bridge }) => bridge !== undefined && !internal);
  }

  #recordOf({ networkId }: EndpointRecord): NetworkRecord {
    return this.#parts.table.byId(networkId).record;
  }
}

/** A network whose containers know one another by name. */
const isUsers = ({ name, bridge }: NetworkRecord): boolean => bridge !== undefined && !isPredefined(name);
