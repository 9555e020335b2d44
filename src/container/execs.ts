import type { ExecConfig, ExecInspectResponse } from '#api/index.ts';
import { conflict, invalid, messageOf, notFound } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { ExecProcess, Task } from '#runtime/format.ts';
import type { Container } from './container.ts';
import type { Attachment, ExecStartRequest, Execs } from './containers.ts';
import { execProcess } from './exec-process.ts';
import type { Rooms } from './rooms.ts';
import { grantedTo } from './spec/capabilities.ts';
import { execExitCode } from './start-failure.ts';
import { DetachFilter, defaultDetachKeys, parseDetachKeys } from './streams/detach-keys.ts';
import { LateStream } from './streams/late-stream.ts';
import { messageStream } from './streams/message-stream.ts';
import { tell } from './tell.ts';

/** One exec: asked for, then running, then ended. It lives as long as this process remembers it. */
interface Exec {
  readonly id: string;
  readonly container: Container;
  readonly config: ExecConfig;
  process: ExecProcess | undefined;
  status: 'created' | 'running' | 'ended';
  exitCode: number | null;
}

/** How long an ended exec can still be inspected. */
const rememberedFor = 5 * 60_000;

/** Further processes in running containers. */
export class ContainerExecs implements Execs {
  readonly #rooms: Rooms;
  readonly #execs = new Map<string, Exec>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  async create(reference: string, config: ExecConfig): Promise<{ readonly Id: string }> {
    const container = this.#rooms.store.get(reference);
    runningTask(container, reference);
    if ((config.Cmd ?? []).length === 0) throw invalid('No exec command specified');
    if (config.DetachKeys) parseDetachKeys(config.DetachKeys);
    const id = newId();
    this.#execs.set(id, { id, container, config, process: undefined, status: 'created', exitCode: null });
    tell(this.#rooms, container, `exec_create: ${commandLine(config)}`, { execID: id });
    return { Id: id };
  }

  async start(id: string, request: ExecStartRequest): Promise<Attachment | undefined> {
    const exec = this.#get(id);
    if (exec.status === 'running') throw conflict(`exec command ${id} is already running`);
    if (exec.status === 'ended') throw conflict(`exec command ${id} has already run`);
    const task = runningTask(exec.container);
    exec.status = 'running';
    exec.container.execs.add(id);
    tell(this.#rooms, exec.container, `exec_start: ${commandLine(exec.config)}`, { execID: id });
    const tty = exec.config.Tty === true;
    try {
      exec.process = await this.#run(exec, task, request);
      void this.#watch(exec, exec.process);
      return exec.process.stream === undefined
        ? undefined
        : { tty, stream: this.#attached(exec, exec.process.stream, request) };
    } catch (error) {
      const exitCode = execExitCode(error);
      this.#end(exec, exitCode);
      if (request.detach === true || exitCode === undefined) throw error;
      // The reply's head is out by now, so dockerd tells of it in the stream.
      return { tty, stream: messageStream(`${messageOf(error)}\r\n`, tty) };
    }
  }

  inspect(id: string): ExecInspectResponse {
    const { container, config, process, status, exitCode } = this.#get(id);
    const [entrypoint = '', ...rest] = config.Cmd ?? [];
    return {
      ID: id,
      Running: status === 'running',
      ExitCode: exitCode,
      ProcessConfig: {
        tty: config.Tty === true,
        entrypoint,
        arguments: rest,
        privileged: config.Privileged === true,
        ...(config.User ? { user: config.User } : {}),
      },
      OpenStdin: config.AttachStdin === true,
      OpenStderr: config.AttachStderr === true,
      OpenStdout: config.AttachStdout === true,
      CanRemove: status === 'ended',
      ContainerID: container.id,
      DetachKeys: config.DetachKeys ?? '',
      Pid: process?.pid ?? 0,
    };
  }

  async resize(id: string, size: { readonly width: number; readonly height: number }): Promise<void> {
    const exec = this.#get(id);
    if (exec.process === undefined || exec.status !== 'running') throw conflict(`exec ${id} is not running`);
    await exec.process.resize(size);
  }

  #get(id: string): Exec {
    const exec = this.#execs.get(id) ?? this.#byPrefix(id);
    if (exec === undefined || this.#rooms.store.find(exec.container.id) === undefined)
      throw notFound('exec instance', id);
    return exec;
  }

  #byPrefix(id: string): Exec | undefined {
    if (id.length < 12) return undefined;
    return [...this.#execs.values()].find((exec) => exec.id.startsWith(id));
  }

  #run({ id, container, config }: Exec, task: Task, request: ExecStartRequest): Promise<ExecProcess> {
    const attach =
      request.detach === true
        ? undefined
        : {
            stdin: config.AttachStdin === true,
            stdout: config.AttachStdout === true,
            stderr: config.AttachStderr === true,
          };
    this.#warnOfLack(container, config);
    return task.exec({
      id,
      process: execProcess({ container, config, task, request }, this.#rooms.facts),
      stdin: config.AttachStdin === true && request.detach !== true,
      ...(attach === undefined ? {} : { attach }),
    });
  }

  /** Its replies have no place for warnings. What the container lacks too was told of when that was made. */
  #warnOfLack({ id, record }: Container, { Privileged: privileged }: ExecConfig): void {
    const { facts, log } = this.#rooms;
    if (privileged !== true || record.hostConfig.Privileged === true) return;
    for (const warning of grantedTo({ Privileged: true }, facts).warnings)
      log.warn('exec runs with a warning', { id, warning });
  }

  #attached(
    { id, container, config }: Exec,
    inner: NonNullable<ExecProcess['stream']>,
    request: ExecStartRequest,
  ) {
    const keys = request.detachKeys || config.DetachKeys || defaultDetachKeys;
    if (config.Tty !== true || config.AttachStdin !== true) return inner;
    const stream = new LateStream({
      filter: new DetachFilter(parseDetachKeys(keys)),
      onDetach: () => tell(this.#rooms, container, 'exec_detach', { execID: id }),
    });
    stream.connect(inner);
    return stream;
  }

  async #watch(exec: Exec, process: ExecProcess): Promise<void> {
    const exit = await process.wait().catch(() => undefined);
    this.#end(exec, exit?.exitCode);
  }

  #end(exec: Exec, exitCode: number | undefined): void {
    exec.status = 'ended';
    exec.exitCode = exitCode ?? 126;
    exec.container.execs.delete(exec.id);
    tell(this.#rooms, exec.container, 'exec_die', { execID: exec.id, exitCode: String(exec.exitCode) });
    setTimeout(() => this.#execs.delete(exec.id), rememberedFor).unref();
  }
}

const commandLine = ({ Cmd }: ExecConfig): string => (Cmd ?? []).join(' ');

/** @throws {EngineError} `conflict` in Docker's words */
function runningTask({ id, task, state: { status } }: Container, reference = id): Task {
  if (status === 'paused')
    throw conflict(`container ${reference} is paused, unpause the container before exec`);
  if (status === 'restarting')
    throw conflict(`container ${id} is restarting, wait until the container is running`);
  if (task === undefined) throw conflict(`container ${id} is not running`);
  return task;
}
