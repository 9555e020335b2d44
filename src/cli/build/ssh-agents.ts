import { offerAgent } from '#client/build/ssh.ts';
import type { Connection } from '#client/connection.ts';
import type { Daemon } from '#client/daemon.ts';
import { Failure } from '../command.ts';
import * as platform from '../platform.ts';

/** An agent that a build may use: what it is called, and its socket here. */
export interface Agent {
  readonly id: string;
  readonly socket: string;
}

export interface Agents extends Disposable {
  readonly agents: readonly Agent[];
}

/**
 * Opens the agents of `--ssh default`, `--ssh id=socket` and `--ssh id=key[,key]`: for keys one is started, which ends
 * with the build.
 *
 * @throws {Failure}
 */
export function openAgents(given: readonly string[]): Agents {
  const started: string[] = [];
  const dispose = () => {
    for (const pid of started.splice(0)) platform.runProgram('kill', [pid], '');
  };
  try {
    const agents = given.map((text): Agent => {
      const equals = text.indexOf('=');
      const id = (equals < 0 ? text : text.slice(0, equals)) || 'default';
      const paths =
        equals < 0
          ? []
          : text
              .slice(equals + 1)
              .split(',')
              .filter((path) => path !== '');
      if (paths.length === 0) return { id, socket: ownAgent() };
      const missing = paths.find((path) => !platform.exists(path));
      if (missing !== undefined)
        throw new Failure(
          `ERROR: invalid empty ssh agent socket: stat ${missing}: no such file or directory`,
        );
      if (paths.length === 1 && isSocket(paths[0]!)) return { id, socket: paths[0]! };
      return { id, socket: agentOf(paths, started) };
    });
    return { agents, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function ownAgent(): string {
  const socket = platform.env['SSH_AUTH_SOCK'];
  if (socket === undefined || socket === '')
    throw new Failure('ERROR: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set');
  return socket;
}

/** A key is a file that can be read; a socket cannot be. */
function isSocket(path: string): boolean {
  try {
    platform.readText(path);
    return false;
  } catch {
    return true;
  }
}

/** Starts an agent that holds these keys. */
function agentOf(keys: readonly string[], started: string[]): string {
  const answer = platform.runProgram('ssh-agent', ['-s'], '');
  const socket = /SSH_AUTH_SOCK=([^;]+);/.exec(answer.output)?.[1];
  const pid = /SSH_AGENT_PID=(\d+);/.exec(answer.output)?.[1];
  if (answer.code !== 0 || socket === undefined || pid === undefined)
    throw new Failure('ERROR: ssh-agent could not be started');
  started.push(pid);
  for (const key of keys) {
    const added = platform.runProgram('env', [`SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', key], '');
    if (added.code !== 0) throw new Failure(`ERROR: failed to parse ssh key ${key}`);
  }
  return socket;
}

/**
 * Keeps one connection waiting at the daemon for each agent while a build goes on; one that is used is joined with the
 * agent, and another waits.
 */
export function serveAgents(
  daemon: Daemon,
  build: string,
  { agents, signal }: { readonly agents: readonly Agent[]; readonly signal: AbortSignal },
): void {
  for (const agent of agents) void serve(daemon, build, agent, signal).catch(() => {});
}

async function serve(
  daemon: Daemon,
  build: string,
  { id, socket }: Agent,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const waiting = await offerAgent(daemon, build, id);
    const close = () => waiting.close();
    signal.addEventListener('abort', close, { once: true });
    const first = await waiting.read();
    if (first === undefined) return close();
    void joined(waiting, socket, first)
      .catch(() => {})
      .finally(() => {
        signal.removeEventListener('abort', close);
        close();
      });
  }
}

async function joined(waiting: Connection, socket: string, first: Uint8Array): Promise<void> {
  const agent = await platform.unixConnect(socket)();
  try {
    await agent.write(first);
    await Promise.all([pump(waiting, agent), pump(agent, waiting)]);
  } finally {
    agent.close();
  }
}

async function pump(from: Connection, to: Connection): Promise<void> {
  for (let bytes = await from.read(); bytes !== undefined; bytes = await from.read()) await to.write(bytes);
  to.endWriting();
}
