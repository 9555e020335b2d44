import type { ContainerCreateRequest, ContainerCreateResponse, HostConfig } from '#api/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { EngineError, invalid } from '#base/errors.ts';
import { newId, shortId } from '#base/id.ts';
import type { Image } from '#image/images.ts';
import { adaptedHostConfig, hostnameOf } from './adapt.ts';
import { checkConfig } from './checks/config.ts';
import { missingLimits } from './checks/missing.ts';
import { checkNetwork } from './checks/network.ts';
import { checkHostValues, checkResources } from './checks/resources.ts';
import type { CreateRequest } from './containers.ts';
import { mergedConfig } from './merge.ts';
import { acquireVolumes } from './mounts/acquire.ts';
import { plannedMounts } from './mounts/resolve.ts';
import { checkedName, generateName } from './names.ts';
import { joinedNetworks } from './networking.ts';
import { checkPlatform } from './platform.ts';
import type { ContainerMount, ContainerRecord } from './record.ts';
import type { Rooms } from './rooms.ts';
import { grantedTo } from './spec/capabilities.ts';
import { peerOf } from './spec/namespaces.ts';
import { steps } from './steps.ts';
import { tell } from './tell.ts';

/**
 * Makes a container: its record, its writable snapshot and its volumes. Whatever fails, what was made is unmade; the
 * record comes last, so that a crash leaves nothing that anybody was told of.
 */
export async function createContainer(
  request: CreateRequest,
  rooms: Rooms,
): Promise<ContainerCreateResponse> {
  const { store, images, snapshotter } = rooms;
  const step = steps(rooms);
  const { config: asked } = request;
  const name = request.name ? checkedName(request.name) : generateName((one) => store.isNameTaken(one));
  const image = imageOf(asked, rooms);
  const warnings = checkPlatform(image, request.platform);
  const id = newId();
  step(id, 'image', `${asked.Image ?? ''} (${shortId(image.id)})`);
  const draft = draftOf(request, { id, name, image, rooms });
  warnings.push(
    ...warningsOf(draft.hostConfig),
    ...missingLimits(draft.hostConfig, rooms.facts.features ?? {}),
    ...grantedTo(draft.hostConfig, rooms.facts).warnings,
  );

  await using undo = new AsyncDisposableStack();
  undo.use(store.reserve(name, id));
  using _layers = images.holdLayers(image.layers);
  await snapshotter.prepare(id, image.layers);
  undo.defer(() => snapshotter.remove(id));
  crashPoint('container.create:snapshot');
  const mounts = await acquireMounts(draft, undo, rooms);
  crashPoint('container.create:volumes');

  const container = store.add({ ...draft, mounts });
  undo.move();
  crashPoint('container.create:recorded');
  tell(rooms, container, 'create');
  step(id, 'create', name);
  for (const warning of warnings) rooms.log.warn('container created with a warning', { id, warning });
  return { Id: id, Warnings: warnings };
}

/** Makes its volumes. Those without a name of their own are recorded before they are made: no other record has them. */
async function acquireMounts(
  draft: ContainerRecord,
  undo: AsyncDisposableStack,
  rooms: Rooms,
): Promise<readonly ContainerMount[]> {
  const { store } = rooms;
  const planned = plannedMounts(draft.config, draft.hostConfig, (other) => mountsOf(other, rooms));
  if (planned.some(({ anonymous }) => anonymous === true))
    undo.use(store.begin({ ...draft, mounts: planned }));
  return acquireVolumes({ id: draft.id, planned, undo }, rooms);
}

/** Not `notFound` when there is no such container: clients take that for a missing image, and pull it. */
function mountsOf(reference: string, { store }: Rooms): readonly ContainerMount[] {
  const container = store.find(reference);
  if (container === undefined) throw invalid(`No such container: ${reference}`);
  return container.record.mounts;
}

function imageOf({ Image: name }: ContainerCreateRequest, { images }: Rooms): Image {
  if (!name) throw invalid('no image specified');
  return images.get(name);
}

/** The record but for its mounts: checked, merged with the image, with defaults in place. */
function draftOf(
  { config: asked }: CreateRequest,
  given: { readonly id: string; readonly name: string; readonly image: Image; readonly rooms: Rooms },
): ContainerRecord {
  const { id, name, image, rooms } = given;
  const { HostConfig: askedHost = {}, NetworkingConfig: networking, ...own } = asked;
  checkConfig(own, askedHost, rooms.facts);
  checkResources(askedHost);
  checkHostValues(askedHost);
  checkNetwork(asked, askedHost);
  const hostConfig = adaptedHostConfig(askedHost, rooms.facts, (other) => findId(other, rooms));
  const merged = mergedConfig(own, image.config.config ?? {});
  const peer = peerOf(hostConfig.NetworkMode);
  const peerHostname = peer === undefined ? undefined : rooms.store.find(peer)?.record.config.Hostname;
  const Hostname = hostnameOf(merged, hostConfig, { id, facts: rooms.facts, peerHostname });
  return {
    id,
    name,
    createdAt: rooms.now().toISOString(),
    imageId: image.id,
    image: asked.Image ?? image.id,
    driver: rooms.snapshotter.name,
    config: { ...merged, Hostname },
    hostConfig,
    networks: joinedNetworks(
      {
        mode: own.NetworkDisabled === true ? 'none' : hostConfig.NetworkMode,
        asked: networking?.EndpointsConfig,
      },
      rooms.networks,
    ),
    mounts: [],
  };
}

function findId(reference: string, { store }: Rooms): string | undefined {
  if (reference === '') return undefined;
  try {
    return store.find(reference)?.id;
  } catch (error) {
    // An ambiguous prefix is told of at the start, where the other container is needed.
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

function warningsOf(host: HostConfig): string[] {
  const publishes = Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts === true;
  return [
    ...(host.NetworkMode === 'host' && publishes
      ? ['Published ports are discarded when using host network mode']
      : []),
    ...(host.OomKillDisable === true && !host.Memory
      ? [
          'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
        ]
      : []),
  ];
}
