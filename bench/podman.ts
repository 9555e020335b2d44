import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyboxTar, which } from '../test/fixtures/engines.ts';
import { median, milliseconds, ratio, run, runQuiet } from './measure.ts';
import type { Row } from './report.ts';
import { type Client, hoist, type Peers } from './rows.ts';

/** podman with roots of its own, its cgroups made by itself and no networks: what it needs nothing of the host for. */
function openPodman(): (Client & Disposable) | undefined {
  const program = which('podman');
  if (program === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'bench-podman-'));
  const own = [
    '--root',
    `${directory}/root`,
    '--runroot',
    `${directory}/run`,
    '--tmpdir',
    `${directory}/tmp`,
  ];
  const common = [...own, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--runtime', 'runc'];
  const podman = Object.assign((...args: string[]) => runQuiet(program, [...common, ...args]), {
    text: (...args: string[]) => run(program, [...common, ...args]),
    [Symbol.dispose]: () => {
      spawnSync(program, [...common, 'rm', '-f', '-a', '-t', '0'], { stdio: 'ignore' });
      spawnSync('find', [...groups('libpod_parent'), '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'], {
        stdio: 'ignore',
      });
      spawnSync('umount', ['-R', `${directory}/root/overlay`], { stdio: 'ignore' });
      rmSync(directory, { recursive: true, force: true });
    },
  });
  try {
    run(program, [...common, 'import', '--change', 'CMD ["sh"]', '-', 'localhost/busybox'], busyboxTar());
    podman(...runIt, '--rm', 'localhost/busybox', 'true');
    return podman;
  } catch {
    podman[Symbol.dispose]();
    return undefined;
  }
}

/** The directories of a control group in every hierarchy there is. */
const groups = (name: string): string[] =>
  ['', ...readdirSync('/sys/fs/cgroup')].map((hierarchy) => join('/sys/fs/cgroup', hierarchy, name));

/** podman raises limits unless given lower ones, which not every root may. */
const runIt = ['run', '--network', 'none', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

/** The same work beside podman, where it runs; dockerd's rows have the bars. */
export async function podmanRows(peers: Peers): Promise<Row[]> {
  using podman = openPodman();
  if (podman === undefined) return [];
  const ours = hoist(peers);
  const pairs: [string, string[], string[]][] = [
    [
      '`run --rm --network none busybox true`',
      ['run', '--rm', '--network', 'none', 'busybox', 'true'],
      [...runIt, '--rm', 'localhost/busybox', 'true'],
    ],
    ['`exec true`', ['exec', 'bench-podman', 'true'], ['exec', 'bench-podman', 'true']],
  ];
  ours('run', '-d', '--network', 'none', '--name', 'bench-podman', 'busybox', 'sleep', '600');
  podman(...runIt, '-d', '--name', 'bench-podman', 'localhost/busybox', 'sleep', '600');
  const rows: Row[] = [];
  for (const [work, mine, other] of pairs) {
    const times = { ours: [] as number[], theirs: [] as number[] };
    for (let turn = -1; turn < 9; turn += 1) {
      const time = await milliseconds(() => ours(...mine));
      const theirs = await milliseconds(() => podman(...other));
      if (turn < 0) continue;
      times.ours.push(time);
      times.theirs.push(theirs);
    }
    const shown = (values: readonly number[]) => `${median(values).toFixed(1)} ms`;
    rows.push({
      work: `${work}, beside podman`,
      ours: shown(times.ours),
      theirs: shown(times.theirs),
      figure: ratio(times),
      bar: 1,
      unit: '×',
      runs: times.ours.length,
    });
  }
  for (const client of [ours, podman]) client('rm', '-f', 'bench-podman');
  return rows;
}
