import type { Port } from '#api/index.ts';

/**
 * Published and exposed ports as `ps` shows them: neighbours that map onto themselves are joined to ranges, the others
 * follow one by one.
 */
export function displayPorts(ports: readonly Port[]): string {
  const ranges = new Map<string, [number, number]>();
  const whole: string[] = [];
  const mapped: string[] = [];
  for (const port of [...ports].sort(comparePorts)) {
    const { IP = '', PrivatePort: inner, PublicPort: outer = 0, Type } = port;
    if (IP !== '' && outer !== inner) {
      mapped.push(`${hostPort(IP, String(outer))}->${inner}/${Type}`);
      continue;
    }
    const key = IP === '' ? Type : `${IP}/${Type}`;
    const range = ranges.get(key);
    if (range !== undefined && inner === range[1] + 1) {
      range[1] = inner;
      continue;
    }
    if (range !== undefined) whole.push(rangeText(key, range));
    ranges.set(key, [inner, inner]);
  }
  return [...whole, ...Array.from(ranges, ([key, range]) => rangeText(key, range)), ...mapped].join(', ');
}

function rangeText(key: string, [first, last]: readonly [number, number]): string {
  const slash = key.lastIndexOf('/');
  const span = first === last ? String(first) : `${first}-${last}`;
  if (slash < 0) return `${span}/${key}`;
  return `${hostPort(key.slice(0, slash), span)}->${span}/${key.slice(slash + 1)}`;
}

/** `0.0.0.0:80`, `[::]:80` */
export const hostPort = (ip: string, port: string): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function comparePorts(a: Port, b: Port): number {
  const text = (x = '', y = '') => (x < y ? -1 : x > y ? 1 : 0);
  return (
    a.PrivatePort - b.PrivatePort ||
    text(a.IP, b.IP) ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    text(a.Type, b.Type)
  );
}
