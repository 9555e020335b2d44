import type { Duplex } from 'node:stream';
import { conflict } from '#base/errors.ts';
import type { Cgroup } from '#linux/cgroup.ts';
import type { ExecProcess, Exit, Task, TaskStats } from '../format.ts';
import { type ExitRecord, recordLostExit } from './exit-record.ts';
import { removeRemains } from './remains.ts';

export interface EndedParts {
  readonly id: string;
  readonly directory: string;
  readonly cgroup: Cgroup;
  readonly startedAt: Date | undefined;
  readonly record: ExitRecord;
}

/** A task that ended while no daemon watched: it has an exit and something to remove, and no process. */
export class EndedTask implements Task {
  readonly id: string;
  readonly pid = 0;
  readonly startedAt: Date;
  readonly warnings: readonly string[] = [];
  readonly #parts: EndedParts;

  constructor(parts: EndedParts) {
    this.id = parts.id;
    this.startedAt = parts.startedAt ?? parts.record.exitedAt;
    this.#parts = parts;
  }

  async wait(): Promise<Exit> {
    return exitFrom(this.#parts.record, this.#parts.cgroup);
  }

  async signal(): Promise<'sent' | 'gone'> {
    return 'gone';
  }

  remove(): Promise<void> {
    return removeRemains(this.#parts);
  }

  oomKills(): number {
    return this.#parts.cgroup.oomKills();
  }

  watchOomKills(): void {}

  async pids(): Promise<readonly number[]> {
    return this.#parts.cgroup.pids();
  }

  async stats(): Promise<TaskStats> {
    return { readAt: new Date(), ...this.#parts.cgroup.stats() };
  }

  async start(): Promise<void> {
    throw notRunning(this.id);
  }

  async attach(): Promise<Duplex> {
    throw notRunning(this.id);
  }

  async resize(): Promise<void> {
    throw notRunning(this.id);
  }

  async exec(): Promise<ExecProcess> {
    throw notRunning(this.id);
  }

  async pause(): Promise<void> {
    throw notRunning(this.id);
  }

  async resume(): Promise<void> {
    throw notRunning(this.id);
  }

  async update(): Promise<void> {
    throw notRunning(this.id);
  }
}

const notRunning = (id: string) => conflict(`container ${id} is not running`);

/** What the interface tells of an end; the kernel's count says whether it was for want of memory. */
export function exitFrom(record: Omit<ExitRecord, 'lostLogBytes'>, cgroup: Cgroup): Exit {
  const { exitCode, signal, exitedAt } = record;
  return { exitCode, exitedAt, oomKilled: cgroup.oomKills() > 0, ...(signal !== 0 && { signal }) };
}

/** A container whose shim was killed has gone with it: what may be left is ended, and the end recorded. */
export async function loseTask(directory: string, cgroup: Cgroup): Promise<ExitRecord> {
  if (cgroup.pids().length > 0) await cgroup.kill();
  return recordLostExit(directory, new Date());
}
