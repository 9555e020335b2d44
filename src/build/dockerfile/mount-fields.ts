import { invalid } from '#base/errors.ts';
import { csvFields } from './csv.ts';
import { suggestion } from './suggest.ts';

export type MountType = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';

const types: readonly string[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] satisfies MountType[];
const sharings: readonly string[] = ['shared', 'private', 'locked'];

/** What the fields say, before the type says what of it may be. */
export interface MountFields {
  type: MountType;
  from?: string;
  source?: string;
  target?: string;
  readonly?: boolean;
  required?: boolean;
  size?: number;
  id?: string;
  sharing?: 'shared' | 'private' | 'locked';
  env?: string;
  mode?: number;
  uid?: number;
  gid?: number;
}

/** @throws {EngineError} `invalid` when it is no line of CSV */
export function fieldsOf(text: string): readonly string[] {
  const fields = csvFields(text);
  if (typeof fields === 'string') throw invalid(`failed to parse csv mounts: ${fields}`);
  return fields;
}

const keys: readonly string[] = [
  'type',
  'from',
  'source',
  'target',
  'readonly',
  'id',
  'sharing',
  'required',
  'size',
  'mode',
  'uid',
  'gid',
  'env',
  'src',
  'dst',
  'destination',
  'ro',
  'rw',
  'readwrite',
];

/** Puts one field, `key=value` or a key alone, among those that were read. @throws {EngineError} `invalid` */
export function readField(fields: MountFields, field: string, expand: (value: string) => string): void {
  const equals = field.indexOf('=');
  const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
  const value = equals < 0 ? undefined : expand(field.slice(equals + 1));
  switch (key) {
    case 'readonly':
    case 'ro':
      fields.readonly = booleanOf(key, value);
      return;
    case 'readwrite':
    case 'rw':
      fields.readonly = !booleanOf(key, value);
      return;
    case 'required':
      onlyFor(key, fields.type, ['secret', 'ssh']);
      fields.required = booleanOf(key, value);
      return;
  }
  if (value === undefined) throw invalid(`invalid field '${field}' must be a key=value pair`);
  readValue(fields, key, { value, field });
}

function readValue(
  fields: MountFields,
  key: string,
  { value, field }: { readonly value: string; readonly field: string },
): void {
  switch (key) {
    case 'type':
      fields.type = oneOf(value, types, 'mount type') as MountType;
      return;
    case 'from':
      fields.from = value;
      return;
    case 'source':
    case 'src':
      fields.source = value;
      return;
    case 'target':
    case 'dst':
    case 'destination':
      fields.target = value;
      return;
    case 'size':
      onlyFor(key, fields.type, ['tmpfs']);
      fields.size = sizeOf(value);
      return;
    case 'id':
      fields.id = value;
      return;
    case 'sharing':
      fields.sharing = oneOf(value, sharings, 'sharing value') as NonNullable<MountFields['sharing']>;
      return;
    case 'mode':
      fields.mode = numberOf(key, value, /^[0-7]{1,11}$/, 8);
      return;
    case 'uid':
    case 'gid':
      fields[key] = numberOf(key, value, /^\d{1,10}$/, 10);
      return;
    case 'env':
      fields.env = value;
      return;
    default:
      throw invalid(`unexpected key '${key}' in '${field}'${suggestion(key, keys)}`);
  }
}

function oneOf(value: string, known: readonly string[], what: string): string {
  const lower = value.toLowerCase();
  if (known.includes(lower)) return lower;
  throw invalid(`unsupported ${what} ${JSON.stringify(value)}${suggestion(value, known)}`);
}

function onlyFor(key: string, type: MountType, allowed: readonly MountType[]): void {
  if (!allowed.includes(type)) throw invalid(`unexpected key '${key}' for mount type '${type}'`);
}

/** Go's `ParseBool`; a key alone is true. */
function booleanOf(key: string, value: string | undefined): boolean {
  if (value === undefined || /^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw invalid(`invalid value for ${key}: ${value}`);
}

function numberOf(key: string, value: string, form: RegExp, radix: number): number {
  const number = form.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  if (!(number <= 0xffffffff)) throw invalid(`invalid value ${value} for ${key}`);
  return number;
}

const units = ['', 'k', 'm', 'g', 't', 'p'];

/** `64m`, `1.5GiB`: powers of 1024. */
function sizeOf(value: string): number {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?) ?([kmgtp]?)i?b?$/i.exec(value) ?? [];
  if (number === undefined) throw invalid(`invalid value for size: ${value}`);
  return Math.trunc(Number(number) * 1024 ** units.indexOf(unit.toLowerCase()));
}
