import type { ContainerUpdateRequest, HostConfig } from '#api/index.ts';
import { conflict, EngineError, invalid, messageOf } from '#base/errors.ts';
import { checkRestartPolicy } from './checks/config.ts';
import { checkResources, checkShrink } from './checks/resources.ts';
import type { Container } from './container.ts';
import { devicesOf } from './devices.ts';
import { checkedName } from './names.ts';
import type { Rooms } from './rooms.ts';
import { resources } from './spec/resources.ts';
import { tell } from './tell.ts';

/** Changes limits and the restart policy. What is zero, empty or absent stays. The caller holds the lock. */
export async function updateContainer(
  container: Container,
  change: ContainerUpdateRequest,
  rooms: Rooms,
): Promise<void> {
  const { hostConfig } = container.record;
  const { RestartPolicy: policy, ...limits } = change;
  checkState(container);
  checkUpdate(hostConfig, change);
  const set = Object.fromEntries(
    Object.entries(limits).filter(([, value]) => isSet(value)),
  ) as Partial<HostConfig>;
  const updated: HostConfig = {
    ...hostConfig,
    ...swapLimit(hostConfig, set),
    ...set,
    ...(policy?.Name
      ? { RestartPolicy: { Name: policy.Name, MaximumRetryCount: policy.MaximumRetryCount ?? 0 } }
      : {}),
  };
  checkResources(updated, true);
  await container.task?.update(resources(updated, devicesOf({}).numbers)).catch((error: unknown) => {
    throw new EngineError('internal', `Cannot update container ${container.id}: ${messageOf(error)}`, {
      cause: error,
    });
  });
  rooms.store.rewrite(container, { hostConfig: updated });
  tell(rooms, container, 'update');
}

function checkState({ id, state: { status } }: Container): void {
  if (status === 'removing' || status === 'dead')
    throw conflict(`Cannot update container ${id}: container is marked for removal and cannot be "update"`);
}

function checkUpdate(before: HostConfig, change: ContainerUpdateRequest): void {
  const policy = change.RestartPolicy?.Name;
  if (before.AutoRemove === true && policy && policy !== 'no')
    throw invalid('Restart policy cannot be updated because AutoRemove is enabled for the container');
  checkRestartPolicy({ RestartPolicy: change.RestartPolicy ?? {} });
  checkShrink(before, change);
}

/** With a memory limit and no word on swap the two go together, as at creation, when no limit stood before. */
function swapLimit(before: HostConfig, set: Partial<HostConfig>): Partial<HostConfig> {
  return set.Memory && !set.MemorySwap && !before.MemorySwap ? { MemorySwap: set.Memory * 2 } : {};
}

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== 0 &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0);

/** Gives another name. The caller holds the lock. */
export function renameContainer(container: Container, name: string, rooms: Rooms): void {
  if (name === '') throw invalid('Neither old nor new names may be empty');
  const checked = checkedName(name);
  if (checked === container.name)
    throw invalid('Renaming a container with the same name as its current name');
  const oldName = `/${container.name}`;
  try {
    using _name = rooms.store.reserve(checked, container.id);
    rooms.store.rewrite(container, { name: checked });
    rooms.networks.renamed(container.id);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.kind, `Error when allocating new name: ${error.message}`, { cause: error });
  }
  tell(rooms, container, 'rename', { oldName });
}
