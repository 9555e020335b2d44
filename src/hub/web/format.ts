/** Numbers, sizes and times as people read them. */

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `12.3 MiB`: three figures at most, powers of 1024. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // what would round to 1024 is one of the next
  while (value >= 1023.5 && unit < sizes.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${sizes[unit]}`;
}

const counts = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exactCounts = new Intl.NumberFormat('en');
/** `1.2K` */
export const countText = (count: number): string => counts.format(count);
export const exactText = (count: number): string => exactCounts.format(count);

/** `1 tag`, `2 tags` */
export const many = (count: number, one: string, more = `${one}s`): string =>
  `${exactText(count)} ${count === 1 ? one : more}`;

const spans: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `3 days ago`, `in 2 hours`; within a minute: `just now`. */
export function agoText(time: string, now: Date): string {
  const seconds = (Date.parse(time) - now.getTime()) / 1000;
  const span = spans.find(([, length]) => Math.abs(seconds) >= length);
  if (span === undefined) return 'just now';
  return relative.format(Math.trunc(seconds / span[1]), span[0]);
}

const days = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const moments = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
export const dayText = (time: string): string => days.format(new Date(time));
export const momentText = (time: string): string => moments.format(new Date(time));

/** `sha256:0123456789ab`, which is enough to tell digests apart. */
export function shortDigest(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm}:${hex.slice(0, 12)}`;
}

const kinds: readonly [RegExp, string][] = [
  [/image\.index|manifest\.list/, 'Index'],
  [/image\.manifest|distribution\.manifest/, 'Image'],
  [/image\.config|container\.image/, 'Config'],
  [/tar\+gzip|tar\.gzip/, 'tar, gzip'],
  [/tar\+zstd|tar\.zstd/, 'tar, zstd'],
  [/\.tar$/, 'tar'],
];
/** A media type in a word where it is a known one. */
export const kindText = (mediaType: string): string =>
  kinds.find(([pattern]) => pattern.test(mediaType))?.[1] ?? mediaType;

/** A layer's command without what the builder wrapped it in. */
export function commandText(command: string): string {
  return command
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^(?:RUN )?(?:\|\d+ .*? )?\/bin\/sh -c (?!#)/, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .trim();
}
