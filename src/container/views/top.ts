import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ContainerTopResponse } from '#api/index.ts';
import { conflict, EngineError, invalid } from '#base/errors.ts';
import type { Task } from '#runtime/format.ts';
import type { Container } from '../container.ts';

/**
 * The processes in a container. The default columns (`ps -ef`) are read from /proc; for others the host's `ps` is asked.
 *
 * @throws {EngineError} `conflict` when it does not run
 */
export async function topOf(container: Container, psArguments = ''): Promise<ContainerTopResponse> {
  const task = runningTask(container);
  const pids = await task.pids();
  if (psArguments === '' || psArguments === '-ef') return { Titles: titles, Processes: pids.flatMap(row) };
  return fromPs(psArguments, new Set(pids.map(String)));
}

function runningTask({ id, task, state }: Container): Task {
  if (state.status === 'restarting')
    throw conflict(`container ${id} is restarting, wait until the container is running`);
  if (task === undefined) throw conflict(`container ${id} is not running`);
  return task;
}

const titles = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];
const ticksPerSecond = 100;

/** One process as `ps -ef` shows it; none when it has ended meanwhile. */
function row(pid: number): string[][] {
  try {
    const { comm, fields } = statOf(pid);
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    const ticks = Number(fields[11]) + Number(fields[12]);
    const startedAt = new Date(Date.now() - (uptime() - Number(fields[19]) / ticksPerSecond) * 1000);
    const elapsed = Math.max(1, (Date.now() - startedAt.getTime()) / 1000);
    return [
      [
        userName(uid),
        String(pid),
        fields[1]!,
        String(Math.min(99, Math.floor((ticks / ticksPerSecond / elapsed) * 100))),
        clock(startedAt),
        terminal(Number(fields[4])),
        duration(Math.floor(ticks / ticksPerSecond)),
        commandLine(pid) || `[${comm}]`,
      ],
    ];
  } catch {
    return [];
  }
}

/** @see proc_pid_stat(5): the name is in parentheses and may hold any; `fields` begin after it, with the state */
function statOf(pid: number): { readonly comm: string; readonly fields: readonly string[] } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const end = text.lastIndexOf(')');
  return { comm: text.slice(text.indexOf('(') + 1, end), fields: text.slice(end + 2).split(' ') };
}

const uptime = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

const commandLine = (pid: number): string =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');

function userName(uid: string): string {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.split(':')[2] === uid);
  return line?.split(':')[0] ?? uid;
}

const two = (number: number): string => String(number).padStart(2, '0');
const clock = (time: Date): string => `${two(time.getHours())}:${two(time.getMinutes())}`;
const duration = (seconds: number): string =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

/** Major 136 and up are pseudo-terminals. */
function terminal(device: number): string {
  const major = (device >> 8) & 0xfff;
  return major >= 136 && major < 144 ? `pts/${(device & 0xff) + (major - 136) * 256}` : '?';
}

const run = promisify(execFile);

async function fromPs(psArguments: string, pids: ReadonlySet<string>): Promise<ContainerTopResponse> {
  const words = psArguments.split(/\s+/).filter((word) => word !== '');
  const output = await run('ps', words).catch((error: unknown) => {
    throw new EngineError(
      'internal',
      `ps: ${(error as { stderr?: string }).stderr?.trim() || String(error)}`,
      {
        cause: error,
      },
    );
  });
  const [head = '', ...lines] = output.stdout.split('\n');
  const columns = head.trim().split(/\s+/);
  const pidColumn = columns.indexOf('PID');
  if (pidColumn < 0) throw invalid("Couldn't find PID field in ps output");
  const rows = lines
    .map((line) => fieldsOf(line, columns.length))
    .filter((fields) => pids.has(fields[pidColumn] ?? ''));
  return { Titles: columns, Processes: rows };
}

/** The last column takes what is left, spaces and all. */
function fieldsOf(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return words.length <= count ? words : [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}
