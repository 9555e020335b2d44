import { randomBytes } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBytes, readTar } from '#archive/index.ts';
import { notFound } from '#base/errors.ts';
import { openStepRunner } from '#build/run/open.ts';
import type { StepRooms } from '#build/run/rooms.ts';
import type { StepRequest, StepRunner } from '#build/run/run-step.ts';
import { changedConfig } from '#build/solve/changed-config.ts';
import { defaultRegistryConfig } from '#distribution/registry-config.ts';
import { stepSpecs } from '#engine/build-steps.ts';
import { containerFacts } from '#engine/facts.ts';
import { type Images, openImages } from '#image/images.ts';
import { openCgroups } from '#linux/index.ts';
import { openNetworks } from '#network/index.ts';
import type { Digest } from '#oci/digest.ts';
import { nativeFormat } from '#runtime/index.ts';
import { openSnapshotter } from '#snapshot/index.ts';
import { Database, pathsOf } from '#state/index.ts';
import { importBusybox, testConfig } from './container-fixture.ts';

/** The rooms that steps run on, of a test's own, and a runner on them. */
export interface StepBench extends AsyncDisposable {
  readonly rooms: StepRooms;
  readonly images: Images;
  readonly runner: StepRunner;
  readonly root: string;
  /** Busybox's. */
  readonly base: readonly Digest[];
}

export async function openStepBench(root = mkdtempSync(join(tmpdir(), 'hoist-step-'))): Promise<StepBench> {
  const config = testConfig(root);
  const { log } = config;
  const held = new AsyncDisposableStack();
  const paths = pathsOf(config);
  for (const folder of [paths.runRoot, paths.tasks]) mkdirSync(folder, { recursive: true, mode: 0o711 });
  const database = held.use(new Database(paths.database));
  const snapshotter = await openSnapshotter({ database, root: paths.driver, log });
  held.defer(() => snapshotter.close());
  await snapshotter.recover();
  const images = await openImages({
    ...{ database, snapshotter, log, contentRoot: paths.content, registry: defaultRegistryConfig },
    usersOf: () => [],
    changedConfig,
  });
  held.defer(() => images.close());
  const bridge = { name: config.bridge, address: config.bridgeAddress };
  const networks = openNetworks({ database, log, firewall: 'none', bridge });
  held.defer(() => networks.close());
  const cgroups = openCgroups();
  const runtime = nativeFormat({ cgroups, log });
  held.defer(() => runtime.close());
  const noContainers = { inspect: (name: string) => Promise.reject(notFound('container', name)) };
  const specs = stepSpecs(containerFacts(config, cgroups), noContainers);
  const rooms = { database, paths, snapshotter, images, networks, runtime, specs, log };
  const runner = openStepRunner(rooms);
  held.defer(() => runner.close());
  await runner.recover();
  await networks.restore(new Set());
  if (images.find('busybox') === undefined) await importBusybox({ images }, root);
  return {
    ...{ rooms, images, runner, root },
    base: images.get('busybox').layers,
    [Symbol.asyncDispose]: async () => {
      await held.disposeAsync();
      for (const group of globSync(`/sys/fs/cgroup/{*/,}${config.cgroupParent}`)) rmdirSync(group);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface RanStep {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly layer: Digest | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly size: number;
}

/** Runs a shell script as a step on busybox. What it printed comes with it; its layer is not held any more. */
export async function runScript(
  bench: Pick<StepBench, 'runner' | 'base'>,
  script: string,
  more: Partial<StepRequest> = {},
): Promise<RanStep> {
  const texts: [string, string] = ['', ''];
  const request = stepRequest(bench, script, {
    ...more,
    output: (stream, bytes) => {
      texts[stream - 1] += bytes.toString();
      return more.output?.(stream, bytes);
    },
  });
  const { held, layer, exitCode, oomKilled, size } = await bench.runner.run(request);
  held[Symbol.dispose]();
  return { exitCode, oomKilled, layer, size, stdout: texts[0], stderr: texts[1] };
}

export const stepRequest = (
  { base }: Pick<StepBench, 'base'>,
  script: string,
  more: Partial<StepRequest> = {},
): StepRequest => ({
  id: randomBytes(32).toString('hex'),
  layers: base,
  args: ['/bin/sh', '-c', script],
  env: ['PATH=/bin'],
  workingDirectory: '/',
  user: '',
  mounts: [],
  network: 'none',
  insecure: false,
  surroundings: { extraHosts: [], ulimits: [] },
  output: () => undefined,
  epoch: 1000,
  signal: new AbortController().signal,
  ...more,
});

/** What a layer's tar says, an entry a line: `file 644 0:0 1000 etc/motd "hello"`. */
export async function layerLines({ rooms }: Pick<StepBench, 'rooms'>, layer: Digest): Promise<string[]> {
  const lines: string[] = [];
  for await (const { entry, body } of readTar(rooms.snapshotter.readTar(layer))) {
    const { type, mode, uid, gid, modified, name, linkName } = entry;
    const time = `${modified.seconds}${modified.nanoseconds === 0 ? '' : `.${modified.nanoseconds}`}`;
    let text = '';
    for await (const bytes of body) text += fromBytes(bytes);
    const more = linkName || (text === '' ? '' : JSON.stringify(text));
    lines.push(`${type} ${mode.toString(8)} ${uid}:${gid} ${time} ${name} ${more}`.trimEnd());
  }
  return lines;
}
