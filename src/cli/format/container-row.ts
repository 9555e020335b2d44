import type { ContainerSummary, MountPoint } from '#api/index.ts';
import { goQuote } from '../template/print.ts';
import { ellipsis, goTime, humanDuration, humanSize, shortId } from './human.ts';
import type { Row } from './listing.ts';
import { displayPorts } from './ports.ts';

export const containerHeaders = {
  ID: 'CONTAINER ID',
  Names: 'NAMES',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  State: 'STATE',
  Status: 'STATUS',
  Size: 'SIZE',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  LocalVolumes: 'LOCAL VOLUMES',
  Networks: 'NETWORKS',
  Platform: 'PLATFORM',
};

/** What `ps` shows of a container. */
export function containerRow(container: ContainerSummary, { truncate }: { truncate: boolean }): Row {
  const { Labels: labels = {}, Mounts: mounts = [], NetworkSettings: settings } = container;
  return {
    ID: truncate ? shortId(container.Id) : container.Id,
    get Names() {
      return names(container.Names, truncate);
    },
    get Image() {
      return imageName(container, truncate);
    },
    get Command() {
      return goQuote(truncate ? ellipsis(container.Command, 20) : container.Command);
    },
    get CreatedAt() {
      return goTime(new Date(container.Created * 1000));
    },
    get RunningFor() {
      return `${humanDuration(Date.now() - container.Created * 1000)} ago`;
    },
    get Ports() {
      return displayPorts(container.Ports ?? []);
    },
    State: container.State,
    Status: container.Status,
    get Size() {
      return sizeText(container);
    },
    get Labels() {
      return labelText(labels);
    },
    Label: (name: unknown) => labels?.[String(name)] ?? '',
    get Mounts() {
      return mounts.map((mount) => mountName(mount, truncate)).join(',');
    },
    get LocalVolumes() {
      return String(mounts.filter((mount) => mount.Driver === 'local').length);
    },
    get Networks() {
      return Object.keys(settings?.Networks ?? {}).join(',');
    },
    Platform: null,
  };
}

/** The row of no container at all, as Go's empty value has it. */
export const emptyContainerRow = (): Row => ({ ...containerRow(nothing, { truncate: false }), State: '' });

const nothing: ContainerSummary = {
  Id: '',
  Names: [],
  Image: '',
  ImageID: '',
  Command: '',
  Created: 0,
  Ports: [],
  Labels: {},
  State: 'created',
  Status: '',
  HostConfig: {},
  NetworkSettings: { Networks: {} },
  Mounts: [],
};

function names(all: readonly string[], truncate: boolean): string {
  // a name with a second slash is a link's
  const shown = all.map((name) => name.replace(/^\//, ''));
  return (truncate ? shown.filter((name) => !name.includes('/')) : shown).join(',');
}

/** The image as it was named; the digest goes where a tag says enough. */
function imageName({ Image: name, ImageID: id }: ContainerSummary, truncate: boolean): string {
  if (name === '') return '<no image>';
  if (!truncate) return name;
  if (shortId(id) === shortId(name)) return shortId(id);
  return name.replace(/@sha256:[0-9a-f]{64}$/, '');
}

function sizeText({ SizeRw: written = 0, SizeRootFs: whole = 0 }: ContainerSummary): string {
  return whole > 0 ? `${humanSize(written, 3)} (virtual ${humanSize(whole, 3)})` : humanSize(written, 3);
}

/** `a=b,c=d`, sorted. */
export const labelText = (labels: Readonly<Record<string, string>> | null | undefined): string =>
  Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');

function mountName(mount: MountPoint, truncate: boolean): string {
  const name = mount.Name || mount.Source || '';
  return truncate ? ellipsis(name, 15) : name;
}
