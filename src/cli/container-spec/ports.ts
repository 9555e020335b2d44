import type { PortBinding } from '#api/index.ts';
import { isAddress } from '../format/subnets.ts';

export interface Published {
  readonly exposed: Record<string, object>;
  readonly bindings: Record<string, PortBinding[]>;
}

/**
 * Reads `--publish`: `[[address:][host port[-last]]:]container port[-last][/protocol]`.
 *
 * @throws Error in Docker's words
 */
export function parsePublish(specs: readonly string[]): Published {
  const exposed: Record<string, object> = {};
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of specs) {
    for (const { port, binding } of parsePortSpec(longForm(spec) ?? spec)) {
      exposed[port] = {};
      bindings[port] = [...(bindings[port] ?? []), binding];
    }
  }
  return { exposed, bindings };
}

/** Reads `--expose`: `port[-last][/protocol]`. */
export function parseExpose(specs: readonly string[]): string[] {
  return specs.flatMap((spec) => {
    if (spec.includes(':')) throw new Error(`invalid port format for --expose: ${spec}`);
    const { port, protocol } = splitProtocol(spec);
    try {
      const { first, last } = parseRange(port);
      return upTo(first, last).map((each) => `${each}/${protocol}`);
    } catch (error) {
      throw new Error(`invalid range format for --expose: ${spec}, error: ${(error as Error).message}`);
    }
  });
}

interface PortMapping {
  readonly port: string;
  readonly binding: PortBinding;
}

/** `target=80,published=8080,protocol=tcp` in the short form. */
function longForm(spec: string): string | undefined {
  if (!spec.includes('=')) return undefined;
  const fields = Object.fromEntries(spec.split(',').map((field) => field.split('=', 2) as [string, string]));
  const { target, published = '', protocol = 'tcp' } = fields;
  if (target === undefined) throw new Error(`invalid field ${spec}: missing mandatory field "target"`);
  return `${published}${published === '' ? '' : ':'}${target}/${protocol}`;
}

function parsePortSpec(spec: string): PortMapping[] {
  const { address, host, container } = splitParts(spec);
  const ip = /^\[.*\]$/.test(address) ? address.slice(1, -1) : address;
  if (ip !== '' && !isAddress(ip)) throw new Error(`invalid IP address: ${address}`);
  if (container === '') throw new Error(`no port specified: ${spec}<empty>`);
  const { port, protocol } = splitProtocol(container);
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw new Error(`invalid proto: ${protocol}`);
  const inner = named('containerPort', port, port);
  if (host === '')
    return upTo(inner.first, inner.last).map((each) => mapping(each, protocol, { HostIp: ip, HostPort: '' }));
  const outer = named('hostPort', host, host);
  const innerCount = inner.last - inner.first;
  if (innerCount !== outer.last - outer.first) {
    // one container port may take whichever of a range is free
    if (innerCount !== 0)
      throw new Error(`invalid ranges specified for container and host Ports: ${port} and ${host}`);
    return [mapping(inner.first, protocol, { HostIp: ip, HostPort: `${outer.first}-${outer.last}` })];
  }
  return upTo(0, innerCount).map((i) =>
    mapping(inner.first + i, protocol, { HostIp: ip, HostPort: String(outer.first + i) }),
  );
}

const mapping = (port: number, protocol: string, binding: PortBinding): PortMapping => ({
  port: `${port}/${protocol}`,
  binding,
});

function splitParts(spec: string): { address: string; host: string; container: string } {
  const parts = spec.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  return { address: parts.join(':'), host, container };
}

function splitProtocol(text: string): { port: string; protocol: string } {
  const [port = '', protocol = ''] = text.split('/', 2);
  return { port, protocol: protocol.toLowerCase() || 'tcp' };
}

function named(what: string, range: string, text: string): { first: number; last: number } {
  try {
    return parseRange(range);
  } catch {
    throw new Error(`invalid ${what}: ${text}`);
  }
}

function parseRange(text: string): { first: number; last: number } {
  if (text === '') throw new Error('empty string specified for ports');
  const [from = '', to = from] = text.split('-', 2);
  const [first, last] = [parsePort(from), parsePort(to)];
  if (last < first) throw new Error(`invalid range specified for port: ${text}`);
  return { first, last };
}

function parsePort(text: string): number {
  if (!/^\d+$/.test(text))
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) > 65535)
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
