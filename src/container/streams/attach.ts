import type { Duplex } from 'node:stream';
import { conflict, invalid } from '#base/errors.ts';
import { readLogs } from '#logs/index.ts';
import type { AttachOptions } from '#runtime/format.ts';
import type { Container } from '../container.ts';
import type {
  Attachment,
  AttachRequest,
  ContainerStreams,
  LogRequest,
  OfferedConnection,
} from '../containers.ts';
import { isAlive } from '../life.ts';
import type { Rooms } from '../rooms.ts';
import { tell } from '../tell.ts';
import { DetachFilter, defaultDetachKeys, parseDetachKeys } from './detach-keys.ts';
import { LateStream } from './late-stream.ts';
import { logQuery } from './log-query.ts';
import { messageStream } from './message-stream.ts';
import { ReplayStream } from './replay-stream.ts';

/** Attachments and logs of containers. */
export class Streams implements ContainerStreams {
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  async attach(reference: string, request: AttachRequest): Promise<Attachment> {
    const container = this.#rooms.store.get(reference);
    const { id, record, state } = container;
    if (state.status === 'paused')
      throw conflict(`container ${id} is paused, unpause the container before attach`);
    if (state.status === 'restarting')
      throw conflict(`container ${id} is restarting, wait until the container is running`);
    const tty = record.config.Tty === true;
    const stream = await this.#stream(container, request);
    tell(this.#rooms, container, 'attach');
    const mayOffer = stream instanceof LateStream && request.stdin !== true;
    if (!mayOffer) return { tty, stream };
    const offer = (connection: OfferedConnection) => {
      stream.offered = connection;
    };
    return { tty, stream, offer };
  }

  async logs(
    reference: string,
    request: LogRequest,
  ): Promise<{ readonly tty: boolean; readonly stream: AsyncIterable<Uint8Array> }> {
    const container = this.#rooms.store.get(reference);
    if (request.stdout !== true && request.stderr !== true)
      throw invalid('You must choose at least one stream');
    if (container.record.hostConfig.LogConfig?.Type === 'none')
      throw invalid('configured logging driver does not support reading');
    const tty = container.record.config.Tty === true;
    const query = logQuery(request, tty, container.ended?.promise);
    return { tty, stream: readLogs(this.#rooms.paths.containerLog(container.id), query) };
  }

  async resize(reference: string, size: { readonly width: number; readonly height: number }): Promise<void> {
    const container = this.#rooms.store.get(reference);
    if (container.task === undefined) throw conflict(`container ${container.id} is not running`);
    await container.task.resize(size);
    tell(this.#rooms, container, 'resize', { height: String(size.height), width: String(size.width) });
  }

  #stream(container: Container, request: AttachRequest): Promise<Duplex> {
    if (request.logs === true) return this.#replayed(container, request);
    if (request.stream !== true) return Promise.resolve(messageStream('', true));
    return this.#live(container, options(request), request.detachKeys);
  }

  /** What is printed from now on. A container that does not run yet is attached between its creation and its start. */
  async #live(container: Container, wanted: AttachOptions, detachKeys: string | undefined): Promise<Duplex> {
    // The lock, so that a start under way has either taken the attachment with it or has a task.
    using _held = await this.#rooms.locks.acquire(container.id);
    const { config } = container.record;
    const isTyped = config.Tty === true && wanted.stdin;
    const { task } = container;
    if (task !== undefined && !isTyped) return await task.attach(wanted);
    const filter = isTyped
      ? { filter: new DetachFilter(parseDetachKeys(detachKeys || defaultDetachKeys)) }
      : {};
    const stream = new LateStream({ ...filter, onDetach: () => tell(this.#rooms, container, 'detach') });
    if (task !== undefined) stream.connect(await task.attach(wanted));
    else {
      const pending = { options: wanted, stream };
      container.pending.add(pending);
      stream.once('close', () => container.pending.delete(pending));
    }
    return stream;
  }

  /** All that was printed, from the log, and with `stream` what comes after, from there too: nothing lost, nothing twice. */
  async #replayed(container: Container, request: AttachRequest): Promise<Duplex> {
    const isAlone = request.stream !== true || !isAlive(container.state.status);
    const { stdout, stderr, stdin } = options(request);
    const input =
      stdin && !isAlone
        ? await this.#live(container, { stdin, stdout: false, stderr: false }, request.detachKeys)
        : undefined;
    const { stream } = await this.logs(container.id, { stdout, stderr, follow: !isAlone });
    return new ReplayStream(stream, input);
  }
}

const options = (request: AttachRequest): AttachOptions => ({
  stdin: request.stdin === true,
  stdout: request.stdout === true,
  stderr: request.stderr === true,
});
