/**
 * How Go prints a value with `%v`, for the values that JSON can hold.
 *
 * A JSON object may have been a struct (`{a b}`, values in their order) or a map (`map[k:v]`, sorted): those named
 * in `mapFields`, and objects whose keys cannot be a struct's fields, are maps.
 */
export function goString(value: unknown, name = ''): string {
  if (value === undefined) return '<no value>';
  if (value === null) return nullString(name);
  if (typeof value === 'number') return goNumber(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((each) => goString(each)).join(' ')}]`;
  const entries = Object.entries(value);
  if (!isMap(name, entries)) return `{${entries.map(([key, each]) => goString(each, key)).join(' ')}}`;
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${sorted.map(([key, each]) => `${key}:${goString(each)}`).join(' ')}]`;
}

const mapFields = new Set([
  'Labels',
  'Ports',
  'Networks',
  'Options',
  'DriverOpts',
  'Sysctls',
  'Tmpfs',
  'Annotations',
  'ExposedPorts',
  'Volumes',
  'PortBindings',
  'StorageOpt',
  'Data',
  'Config',
  'Containers',
  'AuxiliaryAddresses',
  'Runtimes',
  'IndexConfigs',
  'Attributes',
  'Details',
  'Status',
]);
const pointerFields = new Set([
  'Health',
  'Healthcheck',
  'OomKillDisable',
  'PidsLimit',
  'Init',
  'StopTimeout',
  'MemorySwappiness',
  'SizeRw',
  'SizeRootFs',
]);

const nullString = (name: string) =>
  pointerFields.has(name) ? '<nil>' : mapFields.has(name) ? 'map[]' : '[]';

function isMap(name: string, entries: readonly [string, unknown][]): boolean {
  // a container's Config is a struct, a log's a map: tell by its members
  const structured = entries.some(([key]) => key === 'Hostname' || key === 'Cmd' || key === 'Source');
  return (mapFields.has(name) && !structured) || entries.some(([key]) => !/^[A-Z]\w*$/.test(key));
}

/** Whole numbers plainly, others as `%v` has them: an exponent from 21 digits on. */
export function goNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Go's quoted form of a string. */
export function goQuote(text: string): string {
  const escaped = text.replace(/["\\\x00-\x1f\x7f]/g, (char) => {
    const short: Record<string, string> = {
      '\n': '\\n',
      '\t': '\\t',
      '\r': '\\r',
      '"': '\\"',
      '\\': '\\\\',
      '\x07': '\\a',
      '\b': '\\b',
      '\f': '\\f',
      '\v': '\\v',
    };
    return short[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}

/** `fmt.Sprintf`, for the verbs that make sense on these values. */
export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0;
  const result = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width, precision, verb: string) => {
      if (verb === '%') return '%';
      const columns = width === '*' ? Number(values[next++]) : Number(width ?? 0);
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const text = verbText(verb, values[next++], {
        precision: precision && Number(precision),
        plus: flags.includes('+'),
      });
      if (flags.includes('-')) return text.padEnd(columns);
      return flags.includes('0') ? padZeros(text, columns) : text.padStart(columns);
    },
  );
  if (next >= values.length) return result;
  const extra = values.slice(next).map((value) => `${goType(value)}=${goString(value)}`);
  return `${result}%!(EXTRA ${extra.join(', ')})`;
}

function padZeros(text: string, columns: number): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(columns - sign.length, '0');
}

function verbText(
  verb: string,
  value: unknown,
  { precision, plus }: { precision: number | undefined; plus: boolean },
): string {
  const sign = plus && typeof value === 'number' && value >= 0 ? '+' : '';
  switch (verb) {
    case 's':
      return goString(value).slice(0, precision);
    case 'v':
      return sign + goString(value);
    case 'q':
      return goQuote(goString(value));
    case 'T':
      return goType(value);
    case 'd':
      return typeof value === 'number' ? sign + goNumber(value) : `%!d(${goType(value)}=${goString(value)})`;
    case 'f':
      return sign + Number(value).toFixed(precision ?? 6);
    case 'e':
      return Number(value)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return precision === undefined
        ? goString(value)
        : String(Number(Number(value).toPrecision(precision || 1)));
    case 't':
      return String(value);
    case 'x':
    case 'X': {
      const hex = typeof value === 'number' ? value.toString(16) : hexOf(goString(value));
      return verb === 'x' ? hex : hex.toUpperCase();
    }
    case 'o':
      return Number(value).toString(8);
    case 'b':
      return Number(value).toString(2);
    case 'c':
      return String.fromCodePoint(Number(value));
    default:
      return `%!${verb}(${goType(value)}=${goString(value)})`;
  }
}

const hexOf = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('');

function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
