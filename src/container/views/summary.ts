import type { ContainerSummary } from '#api/index.ts';
import type { Container } from '../container.ts';
import { portList } from '../ports.ts';
import { commandOf } from '../record.ts';
import type { Rooms } from '../rooms.ts';
import { endpointReplies } from './endpoints.ts';
import { mountPoints } from './mount-points.ts';
import { statusText } from './state.ts';

/** An element of the list, kept with its container until that changes; only `Status` tells the time. */
interface CachedSummary {
  readonly summary: Omit<ContainerSummary, 'Status'>;
  readonly before: string;
  readonly after: string;
}

/** A container as the list shows it. */
export function summaryOf(container: Container, rooms: Rooms): ContainerSummary {
  return { ...cached(container, rooms).summary, Status: statusText(container.state, rooms.now().getTime()) };
}

/** The same as JSON, made of pieces that were made before. */
export function summaryJson(container: Container, rooms: Rooms, now: number): string {
  const { before, after } = cached(container, rooms);
  return `${before}${JSON.stringify(statusText(container.state, now))}${after}`;
}

function cached(container: Container, rooms: Rooms): CachedSummary {
  container.summary ??= cache(summary(container, rooms));
  return container.summary as CachedSummary;
}

const mark = '"Status":"@"';

function cache(whole: ContainerSummary): CachedSummary {
  const { Status: _, ...rest } = whole;
  const [before, after] = cutAt(JSON.stringify({ Status: '@', ...rest }));
  return { summary: rest, before, after };
}

/** Status comes first, so that its mark is found before any text that a person chose. */
function cutAt(json: string): [string, string] {
  const at = json.indexOf(mark) + mark.length;
  return [json.slice(0, at - 3), json.slice(at)];
}

function summary(container: Container, rooms: Rooms): ContainerSummary {
  const { record, state, id } = container;
  const { endpoints, ports } = rooms.networks.sandboxOf(id);
  return {
    Id: id,
    Names: [`/${record.name}`],
    Image: record.image,
    ImageID: record.imageId,
    Command: commandLine(commandOf(record.config)),
    Created: Math.floor(Date.parse(record.createdAt) / 1000),
    Ports: container.task === undefined ? [] : portList(record.config, ports),
    Labels: record.config.Labels ?? {},
    State: state.status,
    Status: '',
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? '',
      ...(record.hostConfig.Annotations ? { Annotations: record.hostConfig.Annotations } : {}),
    },
    NetworkSettings: { Networks: endpointReplies(record, endpoints) },
    Mounts: mountPoints(record),
  };
}

/** Arguments with a space in them are quoted, as in Docker's list. */
function commandLine([path = '', ...args]: readonly string[]): string {
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ');
}
