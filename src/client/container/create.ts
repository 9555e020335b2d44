import type { ContainerConfig, ContainerCreateResponse, HostConfig, NetworkingConfig } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

export interface NewContainer {
  readonly name?: string;
  /** `os[/arch[/variant]]` */
  readonly platform?: string;
  readonly config: ContainerConfig;
  readonly hostConfig?: HostConfig;
  readonly networkingConfig?: NetworkingConfig;
}

/** Creates a container. @throws `notFound` when its image is not there: pull, then ask again */
export function createContainer(daemon: Daemon, container: NewContainer): Promise<ContainerCreateResponse> {
  const { name, platform, config, hostConfig, networkingConfig } = container;
  return daemon.json({
    method: 'POST',
    path: '/containers/create',
    query: { name, platform },
    json: { ...config, HostConfig: hostConfig ?? {}, NetworkingConfig: networkingConfig ?? {} },
  });
}
