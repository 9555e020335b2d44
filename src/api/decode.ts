import { invalid } from '#base/errors.ts';
import type { Schema } from './schema.ts';

/**
 * A parsed JSON value as what a schema describes, in the way Go decodes one into a struct: unknown fields are dropped,
 * a null field is an absent one, a null element or map value is its type's zero.
 *
 * @throws {EngineError} `invalid` in Go's words, naming the field
 */
export const decode = <T>(schema: Schema<T>, value: unknown): T => decodeAt(schema, value, '') as T;

/** What a JSON text holds, decoded. @throws {EngineError} `invalid`, as `decode` does, and for what is no JSON */
export function decodeJson<T>(schema: Schema<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`invalid JSON: ${(cause as Error).message}`, { cause });
  }
  return decode(schema, value);
}

function decodeAt(schema: Schema<unknown>, value: unknown, path: string): unknown {
  if (value === null || value === undefined) return zero(schema);
  switch (schema.kind) {
    case 'any':
      return value;
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === schema.kind ? value : refuse(schema, value, path);
    case 'integer':
      return Number.isInteger(value) ? value : refuse(schema, value, path);
    case 'words':
      return typeof value === 'string' ? [value] : decodeList(schema, value, path);
    case 'list':
      return decodeList(schema, value, path);
    default:
      return typeof value === 'object' && !Array.isArray(value)
        ? decodeObject(schema, value as Record<string, unknown>, path)
        : refuse(schema, value, path);
  }
}

const decodeList = (schema: Schema<unknown>, value: unknown, path: string): unknown[] =>
  Array.isArray(value)
    ? value.map((item) => decodeAt(schema.items!, item, path))
    : refuse(schema, value, path);

function decodeObject(schema: Schema<unknown>, value: Record<string, unknown>, path: string): unknown {
  const decoded: Record<string, unknown> = {};
  if (schema.kind === 'map') {
    for (const [key, item] of Object.entries(value)) {
      setOwn(decoded, key, decodeAt(schema.items!, item, path));
    }
  }
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const item = Object.hasOwn(value, key) ? value[key] : undefined;
    if (item !== undefined && item !== null)
      decoded[key] = decodeAt(field, item, path === '' ? key : `${path}.${key}`);
  }
  return decoded;
}

/** Sets a key that a client chose, `__proto__` included, as a field of its own. */
const setOwn = (target: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
};

function zero(schema: Schema<unknown>): unknown {
  switch (schema.kind) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'words':
    case 'list':
      return [];
    case 'any':
      return null;
    default:
      return {};
  }
}

function refuse(schema: Schema<unknown>, value: unknown, path: string): never {
  const where = path === '' ? 'Go value' : `Go struct field ${path}`;
  throw invalid(`json: cannot unmarshal ${jsonType(value)} into ${where} of type ${schema.goType}`);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
