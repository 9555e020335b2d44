import type { ContainerSummary } from '#api/index.ts';
import { EngineError } from '#base/errors.ts';
import type { Container } from '../container.ts';
import { portList } from '../ports.ts';
import { commandOf } from '../record.ts';
import type { Rooms } from '../rooms.ts';
import { endpointReplies } from './endpoints.ts';
import { mountPoints } from './mount-points.ts';
import { statusText } from './state.ts';

/** What of an element of the list stays while its container does not change: all but what the clock and tags decide. */
interface CachedSummary {
  readonly rest: Omit<ContainerSummary, 'Status' | 'Image'>;
  /** The same as JSON, without its opening brace. */
  readonly json: string;
}

/** A container as the list shows it. */
export function summaryOf(container: Container, rooms: Rooms): ContainerSummary {
  const Status = statusText(container.state, rooms.now().getTime());
  return { ...cached(container, rooms).rest, Image: imageName(container, rooms), Status };
}

/** The same as JSON, most of which was made before. */
export function summaryJson(container: Container, rooms: Rooms, now: number): string {
  const status = JSON.stringify(statusText(container.state, now));
  const image = JSON.stringify(imageName(container, rooms));
  return `{"Status":${status},"Image":${image},${cached(container, rooms).json}`;
}

/** The name as it was given, unless by now it means another image, or none: then the id. */
function imageName({ record: { image, imageId } }: Container, { images }: Rooms): string {
  try {
    return images.find(image)?.id === imageId ? image : imageId;
  } catch (error) {
    if (error instanceof EngineError) return imageId;
    throw error;
  }
}

function cached(container: Container, rooms: Rooms): CachedSummary {
  container.summary ??= cache(summary(container, rooms));
  return container.summary as CachedSummary;
}

const cache = (rest: CachedSummary['rest']): CachedSummary => ({ rest, json: JSON.stringify(rest).slice(1) });

function summary(container: Container, rooms: Rooms): CachedSummary['rest'] {
  const { record, state, id } = container;
  const { endpoints, ports } = rooms.networks.sandboxOf(id);
  return {
    Id: id,
    Names: [`/${record.name}`],
    ImageID: record.imageId,
    Command: commandLine(commandOf(record.config)),
    Created: Math.floor(Date.parse(record.createdAt) / 1000),
    Ports: container.task === undefined ? [] : portList(record.config, ports),
    Labels: record.config.Labels ?? {},
    State: state.status,
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? '',
      ...(record.hostConfig.Annotations ? { Annotations: record.hostConfig.Annotations } : {}),
    },
    NetworkSettings: { Networks: endpointReplies(container, endpoints, rooms.networks) },
    Mounts: mountPoints(record),
  };
}

/** Arguments with a space in them are quoted, as in Docker's list. */
function commandLine([path = '', ...args]: readonly string[]): string {
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ');
}
