import type { ContainerConfig, HostConfig, Port } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { PortRequest, PublishedPort } from '#network/networks.ts';

type Protocol = PortRequest['protocol'];

/** `80/tcp`, `80`, `53/udp`. @throws {EngineError} `invalid`: `invalid port specification: "x"` */
export function parsePortKey(key: string): { readonly port: number; readonly protocol: Protocol } {
  const [, number, protocol = 'tcp'] = /^(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(key) ?? [];
  const port = Number(number);
  if (number === undefined || port < 1 || port > 65535) throw badPort(key.split('/', 1)[0]!);
  return { port, protocol: protocol.toLowerCase() as Protocol };
}

/** `8080`, `8000-8010`, or '' for any: 0. */
export function parsePortRange(text: string): { readonly first: number; readonly last: number } {
  if (text === '') return { first: 0, last: 0 };
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first === undefined || range.last > 65535 || range.last < range.first) throw badPort(text);
  return range;
}

const badPort = (text: string) => invalid(`invalid port specification: ${JSON.stringify(text)}`);

/** The ports that a container publishes: those it binds, and with `-P` every exposed one that it does not. */
export function portRequests(config: ContainerConfig, host: HostConfig): readonly PortRequest[] {
  const bound = Object.entries(host.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const { port, protocol } = parsePortKey(key);
    return (bindings?.length ? bindings : [{}]).map(({ HostIp: hostIp = '', HostPort: text = '' }) => {
      const { first, last } = parsePortRange(text);
      const end = last > first ? { hostPortEnd: last } : {};
      return { containerPort: port, protocol, hostIp, hostPort: first, ...end };
    });
  });
  if (host.PublishAllPorts !== true) return bound;
  const exposed = Object.keys(config.ExposedPorts ?? {}).map(parsePortKey);
  const rest = exposed.filter(
    ({ port, protocol }) => !bound.some((one) => one.containerPort === port && one.protocol === protocol),
  );
  return [
    ...bound,
    ...rest.map(({ port, protocol }) => ({ containerPort: port, protocol, hostIp: '', hostPort: 0 })),
  ];
}

type PortBindings = readonly { readonly HostIp: string; readonly HostPort: string }[];

/** `NetworkSettings.Ports` of inspect: what is published, and exposed ports with null. */
export function portMap(
  config: ContainerConfig,
  published: readonly PublishedPort[],
): Readonly<Record<string, PortBindings | null>> {
  const map: Record<string, PortBindings | null> = {};
  for (const key of Object.keys(config.ExposedPorts ?? {})) map[normalKey(key)] = null;
  for (const { containerPort, protocol, hostIp, hostPort } of published) {
    const key = `${containerPort}/${protocol}`;
    map[key] = [...(map[key] ?? []), { HostIp: hostIp || '0.0.0.0', HostPort: String(hostPort) }];
  }
  return map;
}

const normalKey = (key: string): string => {
  const { port, protocol } = parsePortKey(key);
  return `${port}/${protocol}`;
};

/** `Ports` of a list's element, in a fixed order. */
export function portList(config: ContainerConfig, published: readonly PublishedPort[]): readonly Port[] {
  const shown: Port[] = published.map(({ containerPort, protocol, hostIp, hostPort }) => ({
    IP: hostIp || '0.0.0.0',
    PrivatePort: containerPort,
    PublicPort: hostPort,
    Type: protocol,
  }));
  for (const key of Object.keys(config.ExposedPorts ?? {})) {
    const { port, protocol } = parsePortKey(key);
    if (!shown.some((one) => one.PrivatePort === port && one.Type === protocol))
      shown.push({ PrivatePort: port, Type: protocol });
  }
  return shown.sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      a.Type.localeCompare(b.Type),
  );
}
