import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normalise, type Outcome } from '../differential/normalise.ts';
import {
  importBusybox,
  installed,
  root,
  startDockerd,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';

/**
 * `docker` and `hoist`, each with a daemon of its own of one kind, so that only the clients differ.
 * `HOIST_TEST_ENGINE=hoistd` takes our daemon in place of the reference.
 */
export const engineName = process.env['HOIST_TEST_ENGINE'] === 'hoistd' ? 'hoistd' : 'dockerd';
const missing = ['docker', engineName].find((program) => program !== 'hoistd' && !installed(program));
export const skip = missing === undefined ? false : `${missing} is not installed`;

export const clients = ['docker', 'hoist'] as const;
export type Client = (typeof clients)[number];

export interface Pair extends AsyncDisposable {
  readonly engines: Record<Client, TestEngine>;
  /** Where a client's script runs. */
  work(client: Client): string;
  /** What a script did in which `docker` is one of the two; names, ids and times are the same for both. */
  run(client: Client, script: string): Outcome;
}

export async function startPair(): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  const start = engineName === 'hoistd' ? startHoistd : startDockerd;
  const engines = { docker: await start(), hoist: await start() };
  const work = (client: Client) => join(folder, client, 'work');
  for (const client of clients) {
    importBusybox(engines[client]);
    for (const name of ['work', 'bin', 'config']) mkdirSync(join(folder, client, name), { recursive: true });
  }
  // the script calls `docker`: this one is ours
  writeFileSync(join(folder, 'hoist/bin/docker'), `#!/bin/sh\nexec "${join(root, 'bin/hoist')}" "$@"\n`);
  chmodSync(join(folder, 'hoist/bin/docker'), 0o755);
  return {
    engines,
    work,
    run: (client, script) => {
      const engine = engines[client];
      const env = {
        ...process.env,
        PATH: `${join(folder, client, 'bin')}:${work(client)}:${process.env['PATH']}`,
        DOCKER_HOST: engine.host,
        DOCKER_CONFIG: join(folder, client, 'config'),
        LC_ALL: 'C',
        TZ: 'UTC',
      };
      const done = spawnSync('sh', ['-c', script], {
        cwd: work(client),
        env,
        encoding: 'utf8',
        timeout: 60_000,
      });
      const places = [
        [engine.directory, 'ENGINE'],
        [work(client), 'FOLDER'],
        [join(folder, client, 'config'), 'CONFIG'],
      ] as const;
      const clean = (text: string) =>
        normalise(
          productNames(places.reduce((all, [place, name]) => all.replaceAll(place, name), text)),
          work(client),
        );
      return { exitCode: done.status ?? -1, stdout: clean(done.stdout), stderr: clean(done.stderr) };
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await engines[client][Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Our name in the place of Docker's, and what else is meant to differ. */
function productNames(text: string): string {
  return (
    text
      .replace(/\b[Hh]oist(d|-cli)?\b/g, (word) => (word.startsWith('H') ? 'Docker' : 'docker'))
      // docker 28.2 has "See", "Run" and "SRun" here, by the kind of mistake
      .replace(/^(See|SRun) '/gm, "Run '")
      .replaceAll('Is docker running?', 'Is the docker daemon running?')
      .replace(/(\d+|Less than a|About a[n]?) (seconds?|minutes?)( ago)?( {2,})?/g, 'DURATION ')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d( \+0000 UTC)?/g, 'DATE')
  );
}
