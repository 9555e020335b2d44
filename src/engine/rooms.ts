import { mkdirSync } from 'node:fs';
import type { Log } from '#base/log.ts';
import { undone } from '#base/undo.ts';
import { type Builds, changedConfig, openBuilds } from '#build/index.ts';
import { type Containers, openContainers, type StepReport } from '#container/index.ts';
import { Events } from '#events/index.ts';
import { type Images, openImages } from '#image/index.ts';
import { type Cgroups, openCgroups } from '#linux/index.ts';
import { type Networks, openNetworks } from '#network/index.ts';
import { nativeFormat } from '#runtime/index.ts';
import { openSnapshotter, type Snapshotter } from '#snapshot/index.ts';
import { Database, type Paths, pathsOf } from '#state/index.ts';
import { Volumes } from '#volume/index.ts';
import { stepSpecs } from './build-steps.ts';
import { defaultRoots, type EngineConfig } from './config.ts';
import { lockDataRoot } from './engine-lock.ts';
import { containerFacts } from './facts.ts';
import { giveBackMemory } from './give-back-memory.ts';
import { RegistrySettings } from './registry-settings.ts';

/** Every room of an engine, open. */
export interface Rooms {
  readonly paths: Paths;
  readonly database: Database;
  readonly events: Events;
  readonly snapshotter: Snapshotter;
  readonly images: Images;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly containers: Containers;
  readonly builds: Builds;
  readonly cgroups: Cgroups;
  readonly registries: RegistrySettings;
}

/**
 * Opens the rooms, lower storeys first, on a data root that no other engine has.
 *
 * @param held takes what must be given back
 */
export async function openRooms(
  config: EngineConfig,
  held: AsyncDisposableStack,
  { log, onStep }: { readonly log: Log; readonly onStep?: (report: StepReport) => void },
): Promise<Rooms> {
  const paths = pathsOf({
    dataRoot: config.dataRoot ?? defaultRoots.dataRoot,
    runRoot: config.runRoot ?? defaultRoots.runRoot,
  });
  held.use(lockDataRoot(paths.lock));
  for (const folder of [paths.runRoot, paths.containers, paths.volumes, paths.tasks])
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  const database = held.use(new Database(paths.database));
  const events = new Events();
  held.defer(() => events.close());
  // Images and volumes ask who has them; the answer is a storey above, there by the time they ask.
  let containers: Containers | undefined;
  const snapshotter = await openSnapshotter({
    database,
    root: paths.driver,
    driver: config.storageDriver,
    log,
  });
  held.use(undone(() => snapshotter.close()));
  await snapshotter.recover();
  const registries = new RegistrySettings(config);
  const warn = (error: unknown) => log.warn('cannot give memory back', { error });
  const images = await openImages({
    ...{ database, snapshotter, events, log, contentRoot: paths.content, registry: registries },
    usersOf: (id) => containers?.imageUsers(id) ?? [],
    changedConfig,
    onIdle: () => void setTimeout(() => giveBackMemory().catch(warn), 3000).unref(),
    ...(config.maxConcurrentDownloads && { maxConcurrentDownloads: config.maxConcurrentDownloads }),
    ...(config.maxConcurrentUploads && { maxConcurrentUploads: config.maxConcurrentUploads }),
  });
  held.use(undone(() => images.close()));
  const networks = openNetworks({ database, events, log, ...networkOptions(config) });
  held.use(undone(() => networks.close()));
  const volumes = new Volumes({
    ...{ database, paths, events },
    usersOf: (name) => containers?.volumeUsers(name) ?? [],
  });
  const cgroups = openCgroups();
  const facts = containerFacts(config, cgroups);
  held.defer(() => cgroups.removeIfEmpty(facts.cgroupParent));
  const runtime = nativeFormat({ cgroups, log });
  held.use(undone(() => runtime.close()));
  const opened = openContainers({
    ...{ database, paths, snapshotter, images, networks, volumes, events, log },
    runtime,
    facts,
    onStep: (step) => {
      onStep?.(step);
      tellStep(events, step);
    },
  });
  containers = opened;
  held.use(undone(() => opened.close()));
  const builds = await openBuilds({
    ...{ database, paths, snapshotter, images, networks, runtime, events, log },
    specs: stepSpecs(facts, opened.views),
    ...(config.buildCache && { policy: config.buildCache }),
  });
  held.use(undone(() => builds.close()));
  return {
    paths,
    database,
    events,
    snapshotter,
    images,
    networks,
    volumes,
    containers: opened,
    builds,
    cgroups,
    registries,
  };
}

const networkOptions = (config: EngineConfig) => ({
  firewall: config.firewall === false ? ('none' as const) : ('nftables' as const),
  bridge: {
    ...(config.bridge && { name: config.bridge }),
    ...(config.bridgeAddress && { address: config.bridgeAddress }),
    ...(config.fixedCidr && { containers: config.fixedCidr }),
    ...(config.mtu && { mtu: config.mtu }),
    ...(config.interContainer !== undefined && { connected: config.interContainer }),
    ...(config.ipMasquerade !== undefined && { masquerade: config.ipMasquerade }),
    ...(config.hostBinding && { hostBinding: config.hostBinding }),
  },
});

/** A step on the way to a running process, for `hoist run --steps`: an event for those who ask for `step` by name. */
const tellStep = (events: Events, { containerId, step, detail, milliseconds }: StepReport): void =>
  events.publish({
    type: 'container',
    action: 'step',
    id: containerId,
    attributes: { step, detail, milliseconds: milliseconds.toFixed(3) },
    aside: true,
  });
