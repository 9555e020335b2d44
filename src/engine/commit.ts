import type { ContainerConfig } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { Containers } from '#container/containers.ts';
import type { Events } from '#events/index.ts';
import type { Images } from '#image/images.ts';
import type { CommitRequest } from './engine.ts';

/** Makes an image of what a container changed; the container stands still meanwhile unless told not to. */
export async function commitContainer(
  rooms: { readonly containers: Containers; readonly images: Images; readonly events: Events },
  request: CommitRequest,
): Promise<{ readonly Id: string }> {
  if (request.container === '') throw invalid('container name or ID cannot be empty');
  const options = { pause: request.pause ?? true };
  return rooms.containers.files.commitSource(request.container, options, async (source) => {
    const { HostConfig: _host, NetworkingConfig: _networks, ...own } = source.config;
    const config: ContainerConfig = { ...own, ...request.config };
    const image = await rooms.images.commit({
      parent: rooms.images.find(source.imageId)?.id,
      tar: source.diff(),
      config,
      createdBy: [...(own.Entrypoint ?? []), ...(own.Cmd ?? [])].join(' '),
      ...(request.changes && { changes: request.changes }),
      ...(request.author && { author: request.author }),
      ...(request.comment && { message: request.comment }),
      ...(request.name && { name: request.name }),
    });
    rooms.events.publish({
      type: 'container',
      action: 'commit',
      id: source.containerId,
      attributes: {
        comment: request.comment ?? '',
        imageID: image.id,
        imageRef: request.name ?? '',
        ...own.Labels,
      },
    });
    return { Id: image.id };
  });
}
