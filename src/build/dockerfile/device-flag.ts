import { invalid } from '#base/errors.ts';
import { csvFields } from './csv.ts';
import { suggestion } from './suggest.ts';

/** A `--device=` of RUN: a CDI device, `vendor.com/class=name`; without a name the first of its class, with `*` all. */
export interface DeviceFlag {
  readonly name: string;
  /** Whether the step fails where there is none. */
  readonly required: boolean;
}

const truths: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ '0': false, f: false, F: false, false: false, FALSE: false, False: false },
};

/**
 * Reads `vendor.com/class=name,required`, or `name=vendor.com/class,required=true`.
 *
 * @throws {EngineError} `invalid`
 */
export function parseDevice(text: string): DeviceFlag {
  const fields = csvFields(text);
  if (typeof fields === 'string') throw invalid(`failed to parse csv devices: ${fields}`);
  let name = '';
  let required = false;
  for (const field of fields) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? undefined : field.slice(equals + 1);
    if (key === 'required') required = value === undefined || truthOf(key, value);
    else if (key === 'name' && value !== undefined) {
      if (name !== '') throw invalid(`device name already set to ${name}`);
      name = value;
    } else if (name === '') name = field;
    else if (value === undefined) throw invalid(`invalid field '${field}' must be a key=value pair`);
    else
      throw invalid(
        `unexpected key '${key}' in '${field}'${suggestion(key, ['name', 'required'], { ignoreCase: true })}`,
      );
  }
  return { name, required };
}

function truthOf(key: string, value: string): boolean {
  if (!Object.hasOwn(truths, value)) throw invalid(`invalid value for ${key}: ${value}`);
  return truths[value]!;
}
