import { invalid } from '#base/errors.ts';

/** A JSON object that someone else wrote, read field by field. Errors name the field: `manifest.layers[2].size`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {EngineError} `invalid` when the bytes are too many, not UTF-8 JSON, or not an object */
export function parseObject(bytes: Uint8Array, name: string, maxBytes: number): JsonObject {
  if (bytes.length > maxBytes) throw invalid(`${name} is ${bytes.length} bytes long, more than ${maxBytes}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(`${name} is not JSON`, { cause });
  }
  return objectAt(value, name);
}

export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${where} must be an object`);
  return value as JsonObject;
}

export function arrayAt(value: unknown, where: string, maxLength = 10_000): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${where} must be an array`);
  if (value.length > maxLength) throw invalid(`${where} has ${value.length} entries, more than ${maxLength}`);
  return value;
}

export function stringAt(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(`${where} must be a string`);
  return value;
}

export function sizeAt(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(`${where} must be a size in bytes`);
  return value;
}

export function stringsAt(value: unknown, where: string): readonly string[] {
  return arrayAt(value, where).map((item, index) => stringAt(item, `${where}[${index}]`));
}

export function stringMapAt(value: unknown, where: string): Readonly<Record<string, string>> {
  for (const [key, item] of Object.entries(objectAt(value, where))) stringAt(item, `${where}.${key}`);
  return value as Record<string, string>;
}

/** What `read` makes of a field, or undefined where it is absent or null (as Go writes what is empty). */
export const optionalAt = <T>(
  value: unknown,
  where: string,
  read: (value: unknown, where: string) => T,
): T | undefined => (value === undefined || value === null ? undefined : read(value, where));
