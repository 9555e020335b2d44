import { csvFields } from '../container-spec/mounts.ts';

/**
 * Reads `key=value,key=value`, the form of `--output`, `--secret` and the like; keys in lower case.
 *
 * @throws for a field without `=`
 */
export function keyedFields(text: string, what: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    if (equals < 0)
      throw new Error(
        `invalid ${what} ${JSON.stringify(text)}: invalid field '${field}' must be a key=value pair`,
      );
    fields.set(field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1));
  }
  return fields;
}
