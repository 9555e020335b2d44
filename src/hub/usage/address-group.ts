import { isIPv6 } from 'node:net';

/**
 * Whom an address counts as: an IPv4 address itself, an IPv6 address its /64, which is what one customer has at least.
 *
 *     addressGroup('2001:db8::1')        // '2001:db8:0:0::/64'
 *     addressGroup('::ffff:192.0.2.1')   // '192.0.2.1'
 */
export function addressGroup(address: string): string {
  const [bare = ''] = address.toLowerCase().split('%');
  if (!isIPv6(bare)) return bare;
  const groups = groupsOf(bare);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [groups[6]! >> 8, groups[6]! & 0xff, groups[7]! >> 8, groups[7]! & 0xff].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight numbers of an address that is one. */
function groupsOf(address: string): readonly number[] {
  const [head = [], tail] = address.split('::').map(hexGroups);
  if (tail === undefined) return head;
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

const hexGroups = (text: string): readonly number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16)];
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
        return [(a << 8) | b, (c << 8) | d];
      });
