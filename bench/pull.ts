import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { which } from '../test/fixtures/engines.ts';
import { pushBigImage } from './big-image.ts';
import { cpuSeconds, descendants, median, milliseconds, ratio } from './measure.ts';
import type { Row } from './report.ts';
import { docker, hoist, type Peers } from './rows.ts';

/** `pull` of 600 MB in 40,000 files from a registry on loopback, its CPU time in the daemon, and `rmi`. */
export async function pullRows(peers: Peers): Promise<Row[]> {
  await using registry = await startRegistry([peers.hoistd.pid, peers.dockerd.pid]);
  const times = { ours: [] as number[], theirs: [] as number[] };
  const cpu = { ours: [] as number[], theirs: [] as number[] };
  const removal = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = 0; turn < 3; turn += 1) {
    for (const [side, client, engine] of [
      ['ours', hoist(peers), peers.hoistd],
      ['theirs', docker(peers), peers.dockerd],
    ] as const) {
      const before = treeCpu(engine.pid);
      times[side].push(await milliseconds(() => client('pull', '-q', `${registry.host}/big`)));
      cpu[side].push(treeCpu(engine.pid) - before);
      removal[side].push(await milliseconds(() => client('rmi', `${registry.host}/big`)));
    }
  }
  const row = (work: string, pair: typeof times, bar: number, unit: (values: number[]) => string): Row => ({
    work,
    ours: unit(pair.ours),
    theirs: unit(pair.theirs),
    figure: ratio(pair),
    bar,
    unit: '×',
    runs: 3,
  });
  return [
    row(
      '`pull` of 600 MB in 40,000 files',
      times,
      1 / 4,
      (values) => `${(median(values) / 1000).toFixed(2)} s`,
    ),
    row('its CPU time in the daemon', cpu, 1 / 4, (values) => `${median(values).toFixed(2)} s`),
    row('`rmi` of it', removal, 1 / 10, (values) => `${median(values).toFixed(0)} ms`),
  ];
}

/** CPU seconds of a daemon, its children and theirs. */
const treeCpu = (pid: number): number => descendants(pid).reduce((sum, each) => sum + cpuSeconds(each), 0);

/** Debian's docker-registry with the image in it, reachable on 127.0.0.1 in the daemons' network namespaces. */
async function startRegistry(
  daemons: readonly number[],
): Promise<AsyncDisposable & { readonly host: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-registry-'));
  const port = await freePort();
  const config = join(directory, 'config.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${directory}/data}}\nhttp: {addr: 127.0.0.1:${port}}\n`,
  );
  const program = which('docker-registry') ?? 'docker-registry';
  const start = (command: string, args: string[]) => spawn(command, args, { stdio: 'ignore' });
  const filling = start(program, ['serve', config]);
  await answering(port);
  await pushBigImage(`http://127.0.0.1:${port}`, { files: 40_000, bytes: 600e6, layers: 6 });
  filling.kill();
  const serving = daemons.map((pid) =>
    start('nsenter', [`--net=/proc/${pid}/ns/net`, program, 'serve', config]),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const child of serving) child.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/v2/`)).ok) return;
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`docker-registry does not answer on port ${port}`);
}
