/** A duration as Docker words it: `Less than a second`, `About an hour`, `3 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(milliseconds / 3_600_000 / 24 / 365)} years`;
}

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** Bytes in powers of a thousand: `1.982MB`. */
export const humanSize = (bytes: number, digits = 4): string =>
  scaled(bytes, 1000, { digits, units: decimalUnits });

/** Bytes in powers of 1024: `23.54GiB`. */
export const binarySize = (bytes: number): string => scaled(bytes, 1024, { digits: 4, units: binaryUnits });

function scaled(
  bytes: number,
  base: number,
  { digits, units }: { digits: number; units: readonly string[] },
): string {
  let size = bytes;
  let unit = 0;
  for (; size >= base && unit < units.length - 1; unit++) size /= base;
  return significant(size, digits) + units[unit];
}

/** `%.<digits>g` */
function significant(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  if (text.includes('e')) {
    const [mantissa = '', exponent = ''] = text.split('e');
    return `${trimmed(mantissa)}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  }
  return trimmed(text);
}

const trimmed = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** Reads a size as Docker's flags take it, in powers of 1024: `512m`, `1.5GB`, `64 KiB`. */
export function parseBytes(text: string): number {
  const found = /^(\d+(?:\.\d+)?|\.\d+) ?(?:([kmgtp])?(?:i?b)?)$/i.exec(text.trim());
  if (found === null) throw new Error(`invalid size: '${text}'`);
  const power = found[2] === undefined ? 0 : 'kmgtp'.indexOf(found[2].toLowerCase()) + 1;
  return Math.trunc(Number(found[1]) * 1024 ** power);
}

/** A time as Go prints it: `2026-11-24 06:50:35 +0000 UTC`. */
export function goTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const sign = offset < 0 ? '-' : '+';
  const hours = two(Math.trunc(Math.abs(offset) / 60));
  const minutes = two(Math.abs(offset) % 60);
  const zone = offset === 0 ? 'UTC' : (/\(([A-Z]+)\)$/.exec(String(date))?.[1] ?? `${sign}${hours}`);
  return `${day} ${time} ${sign}${hours}${minutes} ${zone}`;
}

/** Cuts a text to a width, the last place being an ellipsis. */
export function ellipsis(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
}

/** An ID's first twelve digits, without its algorithm. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
