import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../test/fixtures/engines.ts';
import { median, milliseconds, ratio, run } from './measure.ts';
import type { Row } from './report.ts';
import type { Peers } from './rows.ts';

/** How a client builds a folder with one engine. */
type Builder = (folder: string, tag: string) => void;

interface Way {
  readonly build: Builder;
  /** Forgets all that was built. */
  readonly forget: () => void;
}

const debian = 'bench-debian';

/**
 * Builds beside dockerd's BuildKit (through a client that still speaks to it) and beside its classic builder: twelve steps
 * over 10,000 files on Debian cold, cached, and with one late COPY changed; twenty small RUNs; one changed file in 1 GB.
 */
export async function buildRows(peers: Peers): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-build-'));
  try {
    makeBase(folder, peers);
    const ways = waysOf(peers);
    const rows: Row[] = [];
    for (const [peer, ours, theirs, bars] of [
      ['BuildKit', ways.hoist, ways.buildKit, { cold: 2 / 3, cached: 1 / 5, late: 1 / 3, small: 1 / 10 }],
      ['the classic builder', ways.classicHere, ways.classicThere, { cold: 1, cached: 1, late: 1, small: 1 }],
    ] as const) {
      const project = join(folder, `project-${peer === 'BuildKit' ? 'a' : 'b'}`);
      makeProject(project);
      const small = join(folder, `small-${peer === 'BuildKit' ? 'a' : 'b'}`);
      makeSmall(small);
      const beside = (work: string) => `${work}, beside ${peer}`;
      const cold = { before: (way: Way) => way.forget(), folder: project };
      rows.push(
        await compared(beside('build of 12 steps, 10,000 files: cold'), ours, theirs, {
          ...cold,
          bar: bars.cold,
          runs: 3,
        }),
      );
      rows.push(
        await compared(beside('the same, cached'), ours, theirs, {
          folder: project,
          bar: bars.cached,
          runs: 7,
        }),
      );
      const late = {
        folder: project,
        before: (_: Way, turn: string) => writeFileSync(join(project, 'late.txt'), turn),
      };
      rows.push(
        await compared(beside('the same, one late COPY changed'), ours, theirs, {
          ...late,
          bar: bars.late,
          runs: 5,
        }),
      );
      const change = {
        folder: small,
        before: (_: Way, turn: string) => writeFileSync(join(small, 'first.txt'), turn),
      };
      rows.push(
        await compared(beside('20 trivial RUN steps'), ours, theirs, { ...change, bar: bars.small, runs: 5 }),
      );
    }
    rows.push(sentRow(folder, peers));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function waysOf(peers: Peers): Record<'hoist' | 'buildKit' | 'classicHere' | 'classicThere', Way> {
  const hoist = join(root, 'dist/hoist');
  const client =
    (program: string, host: string, env: Record<string, string> = {}) =>
    (...args: string[]) => {
      const done = spawnSync(program, ['-H', host, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (done.status !== 0)
        throw new Error(`${program} ${args.join(' ')}: exit ${done.status}\n${done.stderr}`);
    };
  const way = (call: (...args: string[]) => void): Way => ({
    build: (folder, tag) => call('build', '-q', '-t', tag, folder),
    forget: () => {
      try {
        call('rmi', '-f', 'bench-build');
      } catch {
        // it was not built yet
      }
      call('image', 'prune', '-f');
      call('builder', 'prune', '-af');
    },
  });
  const off = { DOCKER_BUILDKIT: '0' };
  return {
    hoist: way(client(hoist, peers.hoistd.host)),
    buildKit: way(client('/usr/bin/docker', peers.dockerd.host, { DOCKER_BUILDKIT: '1' })),
    classicHere: way(client('docker', peers.hoistd.host, off)),
    classicThere: way(client('docker', peers.dockerd.host, off)),
  };
}

async function compared(
  work: string,
  ours: Way,
  theirs: Way,
  options: {
    readonly folder: string;
    readonly bar: number;
    readonly runs: number;
    readonly before?: (way: Way, turn: string) => void;
  },
): Promise<Row> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = -1; turn < options.runs; turn += 1)
    for (const [side, way] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      options.before?.(way, `${side} ${turn}\n`);
      const time = await milliseconds(() => way.build(options.folder, 'bench-build'));
      if (turn >= 0) times[side].push(time);
    }
  const shown = (values: readonly number[]) => `${median(values).toFixed(0)} ms`;
  return {
    work,
    ours: shown(times.ours),
    theirs: shown(times.theirs),
    figure: ratio(times),
    bar: options.bar,
    unit: '×',
    runs: options.runs,
  };
}

/** What a build sends of 1 GB when one file of it changed: bytes that the client wrote to the socket. */
function sentRow(folder: string, peers: Peers): Row {
  const big = join(folder, 'big');
  mkdirSync(big);
  for (let at = 0; at < 64; at += 1) writeFileSync(join(big, `blob${at}`), Buffer.alloc(1 << 24, at + 1));
  writeFileSync(join(big, 'small.txt'), 'before');
  writeFileSync(join(big, 'Dockerfile'), 'FROM scratch\nCOPY small.txt /\n');
  const hoist = join(root, 'dist/hoist');
  const build = (): number => {
    run('strace', [
      '-f',
      '-e',
      'trace=write,writev,sendto,sendmsg',
      '-e',
      'signal=none',
      '-o',
      join(folder, 'trace'),
      hoist,
      '-H',
      peers.hoistd.host,
      'build',
      '-q',
      '-t',
      'bench-big',
      big,
    ]);
    return Number(
      run('sh', [
        '-c',
        `awk -F'= ' '{ if ($NF > 0) sum += $NF } END { print sum }' ${join(folder, 'trace')}`,
      ]),
    );
  };
  const whole = build();
  writeFileSync(join(big, 'small.txt'), 'after!');
  const changed = build();
  return {
    work: 'bytes sent of a 1 GB context with one changed file',
    ours: `${(changed / 1024).toFixed(1)} KB`,
    theirs: `${(whole / 2 ** 20).toFixed(0)} MB at first`,
    figure: changed / 2 ** 30,
    bar: 0.01,
    unit: '×',
    runs: 1,
  };
}

/** A Debian root from `debootstrap`, in both engines. */
function makeBase(folder: string, { hoistd, dockerd }: Peers): void {
  const tree = join(folder, 'debian');
  const tar = join(folder, 'debian.tar');
  run('debootstrap', ['--variant=minbase', 'bookworm', tree]);
  run('tar', ['-C', tree, '--exclude=./dev/*', '-cf', tar, '.']);
  rmSync(tree, { recursive: true, force: true });
  for (const { host } of [hoistd, dockerd]) run('docker', ['-H', host, 'import', tar, debian]);
}

function makeProject(folder: string): void {
  for (const part of ['config', 'docs']) mkdirSync(join(folder, part), { recursive: true });
  for (let directory = 0; directory < 100; directory += 1) {
    const path = join(folder, 'src', String(directory));
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < 100; file += 1)
      writeFileSync(join(path, `${file}.txt`), `${directory} ${file}\n`.repeat(100));
  }
  writeFileSync(join(folder, 'config/app.conf'), 'port = 80\n');
  for (let page = 0; page < 20; page += 1) writeFileSync(join(folder, `docs/${page}.md`), `# Page ${page}\n`);
  writeFileSync(join(folder, 'late.txt'), 'first\n');
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM ${debian} AS base
WORKDIR /app
RUN mkdir out && useradd -M app
COPY config/ config/
FROM base AS compile
COPY src/ src/
RUN find src -name '*.txt' | wc -l > out/count
RUN sha256sum src/0/* > out/sums
FROM base AS docs
COPY docs/ docs/
RUN cat docs/*.md > out/docs
FROM base
COPY --from=compile /app/out out/
COPY --from=docs /app/out/docs out/
COPY late.txt .
RUN wc -c late.txt > out/size
CMD ["cat", "late.txt"]
`,
  );
}

function makeSmall(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'first.txt'), 'first\n');
  const runs = Array.from({ length: 20 }, (_, at) => `RUN echo ${at} > /${at}`);
  writeFileSync(join(folder, 'Dockerfile'), `FROM busybox\nCOPY first.txt /\n${runs.join('\n')}\n`);
}
