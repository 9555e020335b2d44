import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { root, type TestEngine } from '../test/fixtures/engines.ts';
import { descendants, median, milliseconds, paired, pss, ratio, run, runQuiet } from './measure.ts';
import type { Row } from './report.ts';

/** The two daemons of a run, both with `busybox`. */
export interface Peers {
  readonly hoistd: TestEngine;
  readonly dockerd: TestEngine;
}

export interface Client {
  (...args: string[]): void;
  text(...args: string[]): string;
}

const client = (program: string, host: string): Client =>
  Object.assign((...args: string[]) => runQuiet(program, ['-H', host, ...args]), {
    text: (...args: string[]) => run(program, ['-H', host, ...args]),
  });

export const hoist = (peers: Peers): Client => client(join(root, 'dist/hoist'), peers.hoistd.host);
export const docker = (peers: Peers): Client => client('docker', peers.dockerd.host);

const ms = (values: readonly number[]): string => `${median(values).toFixed(1)} ms`;

/** A row that compares one command line in both. */
async function compared(
  peers: Peers,
  options: {
    work: string;
    bar: number;
    runs: number;
    each: (client: Client, run: number) => void;
    before?: (client: Client, run: number) => void;
  },
): Promise<Row> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = -1; turn < options.runs; turn += 1) {
    for (const [side, engine] of [
      ['ours', hoist(peers)],
      ['theirs', docker(peers)],
    ] as const) {
      options.before?.(engine, turn);
      const time = await milliseconds(() => options.each(engine, turn));
      if (turn >= 0) times[side].push(time);
    }
  }
  return {
    work: options.work,
    ours: ms(times.ours),
    theirs: ms(times.theirs),
    figure: ratio(times),
    bar: options.bar,
    unit: '×',
    runs: options.runs,
  };
}

export const runRow = (peers: Peers): Promise<Row> =>
  compared(peers, {
    work: '`run --rm busybox true`, default network',
    bar: 0.1,
    runs: 15,
    each: (c) => c('run', '--rm', 'busybox', 'true'),
  });

export const runNoneRow = (peers: Peers): Promise<Row> =>
  compared(peers, {
    work: '`run --rm --network none busybox true`',
    bar: 0.1,
    runs: 15,
    each: (c) => c('run', '--rm', '--network', 'none', 'busybox', 'true'),
  });

export async function execRow(peers: Peers): Promise<Row> {
  for (const c of [hoist(peers), docker(peers)])
    c('run', '-d', '--name', 'bench-exec', 'busybox', 'sleep', '600');
  const row = await compared(peers, {
    work: '`exec true`',
    bar: 0.2,
    runs: 15,
    each: (c) => c('exec', 'bench-exec', 'true'),
  });
  for (const c of [hoist(peers), docker(peers)]) c('rm', '-f', 'bench-exec');
  return row;
}

/** A container that ends as soon as it is told to. */
const obedient = ['busybox', 'sh', '-c', 'trap "exit 0" TERM; while :; do sleep 60 & wait; done'];

export const stopRow = async (peers: Peers): Promise<Row> => {
  const row = await compared(peers, {
    work: '`stop`, exits on SIGTERM',
    bar: 1 / 8,
    runs: 9,
    before: (c, turn) => {
      c('run', '-d', '--name', `bench-stop${turn}`, ...obedient);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    },
    each: (c, turn) => c('stop', `bench-stop${turn}`),
  });
  for (const c of [hoist(peers), docker(peers)])
    c('rm', ...Array.from({ length: 10 }, (_, i) => `bench-stop${i - 1}`));
  return row;
};

export const removeRow = (peers: Peers): Promise<Row> =>
  compared(peers, {
    work: '`rm -f` of a running container',
    bar: 1 / 8,
    runs: 9,
    before: (c) => c('run', '-d', '--name', 'bench-rm', ...obedient),
    each: (c) => c('rm', '-f', 'bench-rm'),
  });

/** 50 detached containers, 8 clients at a time: started by xargs, for a program as large as this one starts others slowly. */
export async function manyRow(peers: Peers): Promise<Row> {
  const names = Array.from({ length: 50 }, (_, i) => `bench-many${i}`);
  const start = (program: string, host: string) => {
    const detached = ['-H', host, 'run', '-d', '--name', '{}', 'busybox', 'sleep', '600'];
    run('xargs', ['-P', '8', '-I', '{}', program, ...detached], Buffer.from(names.join('\n')));
  };
  const clean = (c: Client) => c('rm', '-f', ...names);
  const pair = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = -1; turn < 4; turn += 1) {
    const ours = await milliseconds(() => start(join(root, 'dist/hoist'), peers.hoistd.host));
    clean(hoist(peers));
    const theirs = await milliseconds(() => start('docker', peers.dockerd.host));
    clean(docker(peers));
    if (turn < 0) continue; // as in every row, the first turn is not counted
    pair.ours.push(ours);
    pair.theirs.push(theirs);
  }
  return {
    work: '50 × `run -d`, 8 at a time',
    ours: ms(pair.ours),
    theirs: ms(pair.theirs),
    figure: ratio(pair),
    bar: 1 / 12,
    unit: '×',
    runs: 4,
  };
}

/** What an idle container costs beyond its own process: its keeper, and what the daemon grew by. */
export async function idleRow(peers: Peers): Promise<Row[]> {
  const ours = hoist(peers);
  const daemonBefore = pss(daemonPid(peers.hoistd));
  for (let i = 0; i < 20; i += 1) ours('run', '-d', '--name', `bench-idle${i}`, 'busybox', 'sleep', '600');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const shims = ours
    .text('ps', '-q')
    .trim()
    .split('\n')
    .map((id) => Number(ours.text('inspect', '-f', '{{.State.Pid}}', id)))
    .map(parentOf);
  const keepers = median(shims.map(pss));
  ours('rm', '-f', ...Array.from({ length: 20 }, (_, i) => `bench-idle${i}`));
  const theirs = docker(peers);
  theirs('run', '-d', '--name', 'bench-idle', 'busybox', 'sleep', '600');
  const shim = parentOf(Number(theirs.text('inspect', '-f', '{{.State.Pid}}', 'bench-idle')));
  const shimPss = pss(shim);
  theirs('rm', '-f', 'bench-idle');
  return [
    {
      work: 'idle container, beyond its own process (PSS)',
      ours: `${(keepers / 1024).toFixed(0)} KB`,
      theirs: `${(shimPss / 1024).toFixed(0)} KB`,
      figure: keepers / 1024,
      bar: 150,
      unit: 'KB',
      runs: 20,
    },
    {
      work: 'idle daemon (PSS)',
      ours: `${(daemonBefore / 2 ** 20).toFixed(1)} MB`,
      theirs: `${(
        descendants(peers.dockerd.pid)
          .map(pss)
          .reduce((a, b) => a + b) /
          2 ** 20
      ).toFixed(1)} MB`,
      figure: daemonBefore / 2 ** 20,
      bar: 80,
      unit: 'MB',
      runs: 1,
    },
  ];
}

const parentOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);

/** The daemon's own process, below any launcher. */
const daemonPid = (engine: TestEngine): number => Number(readFileSync(join(engine.directory, 'pid'), 'utf8'));

/** Requests a second of `GET /containers/json?all=1` with 200 containers, four connections, two seconds a turn. */
export async function listRow(peers: Peers): Promise<Row> {
  for (const c of [hoist(peers), docker(peers)])
    for (let i = 0; i < 200; i += 1) c('create', '--name', `bench-list${i}`, 'busybox', 'true');
  const rates = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = 0; turn < 5; turn += 1) {
    rates.ours.push(await rate(peers.hoistd.socket));
    rates.theirs.push(await rate(peers.dockerd.socket));
  }
  for (const c of [hoist(peers), docker(peers)])
    c('rm', '-f', ...Array.from({ length: 200 }, (_, i) => `bench-list${i}`));
  return {
    work: '`GET /containers/json?all=1`, 200 containers',
    ours: `${median(rates.ours).toFixed(0)}/s`,
    theirs: `${median(rates.theirs).toFixed(0)}/s`,
    figure: median(rates.ours.map((mine, i) => mine / rates.theirs[i]!)),
    bar: 30,
    unit: 'times the rate',
    runs: 5,
  };
}

async function rate(socketPath: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const ends = Date.now() + 2000;
  let done = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      get({ socketPath, path: '/v1.41/containers/json?all=1', agent }, (response) => {
        response.resume();
        response.on('end', resolve);
      }).on('error', reject);
    });
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (Date.now() < ends) {
        await one();
        done += 1;
      }
    }),
  );
  agent.destroy();
  return done / 2;
}

/**
 * A container that prints 200 MB in lines, attached; and its log read back. The lines are made beforehand, so that it is
 * the printing that is measured.
 */
export async function outputRows(peers: Peers): Promise<Row[]> {
  const volume = ['-v', 'bench-lines:/lines'];
  const lines = `yes ${'x'.repeat(199)} | head -n 1000000 > /lines/all`;
  for (const c of [hoist(peers), docker(peers)]) c('run', '--rm', ...volume, 'busybox', 'sh', '-c', lines);
  const print = [...volume, 'busybox', 'cat', '/lines/all'];
  const written = { ours: [] as number[], theirs: [] as number[] };
  const read = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = 0; turn < 3; turn += 1) {
    for (const [side, c] of [
      ['ours', hoist(peers)],
      ['theirs', docker(peers)],
    ] as const) {
      written[side].push(await milliseconds(() => c('run', '--name', 'bench-out', ...print)));
      read[side].push(await milliseconds(() => c('logs', 'bench-out')));
      c('rm', 'bench-out');
    }
  }
  return [
    {
      work: 'a container printing 1 M lines, 200 MB',
      ours: ms(written.ours),
      theirs: ms(written.theirs),
      figure: ratio(written),
      bar: 0.2,
      unit: '×',
      runs: 3,
    },
    {
      work: '`logs` of it',
      ours: ms(read.ours),
      theirs: ms(read.theirs),
      figure: ratio(read),
      bar: 0.2,
      unit: '×',
      runs: 3,
    },
  ];
}

export async function versionRow(peers: Peers): Promise<Row> {
  const pair = await paired(
    25,
    () => hoist(peers)('version'),
    () => runQuiet('docker', ['-H', peers.hoistd.host, 'version']),
  );
  return {
    work: 'start of `version`, both against hoistd',
    ours: ms(pair.ours),
    theirs: ms(pair.theirs),
    figure: ratio(pair),
    bar: 1,
    unit: '×',
    runs: 25,
  };
}
