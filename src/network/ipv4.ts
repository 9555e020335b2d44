/** A range of IPv4 addresses: its first address as a number, and how many leading bits all its addresses share. */
export interface Range {
  readonly address: number;
  readonly prefixLength: number;
}

/** `172.17.0.2` → a number, `undefined` for anything else. Leading zeros are refused, as Go does. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');

/** `172.17.0.1/16` → the address and prefix as written, `undefined` for anything else. */
export function parseRange(text: string): Range | undefined {
  const [, host, length] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseAddress(host ?? '');
  const prefixLength = Number(length);
  return address === undefined || prefixLength > 32 ? undefined : { address, prefixLength };
}

export const formatRange = ({ address, prefixLength }: Range): string =>
  `${formatAddress(address)}/${prefixLength}`;

const maskOf = (prefixLength: number): number => (prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0);

/** The range that an address with its prefix lies in: `172.17.0.1/16` → `172.17.0.0/16`. */
export const networkOf = ({ address, prefixLength }: Range): Range => ({
  address: (address & maskOf(prefixLength)) >>> 0,
  prefixLength,
});

/** The last address of a range. */
export const lastOf = ({ address, prefixLength }: Range): number => (address | ~maskOf(prefixLength)) >>> 0;

export const contains = (range: Range, address: number): boolean =>
  networkOf({ address, prefixLength: range.prefixLength }).address === networkOf(range).address;

export const overlap = (a: Range, b: Range): boolean =>
  a.prefixLength <= b.prefixLength ? contains(a, b.address) : contains(b, a.address);

/**
 * The MAC address that goes with an IPv4 address: `02:42` and the address. Whoever gets the address anew has the MAC
 * that neighbours still remember for it.
 */
export const macOf = (address: number): string =>
  [
    '02',
    '42',
    ...[24, 16, 8, 0].map((shift) => ((address >>> shift) & 0xff).toString(16).padStart(2, '0')),
  ].join(':');
