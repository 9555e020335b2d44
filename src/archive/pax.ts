import { invalid } from '#base/errors.ts';
import { type ByteString, toBytes } from './tar-entry.ts';

/** The records of one extended header, in order: keys may repeat (GNU.sparse.offset does). */
export type PaxRecords = readonly (readonly [key: ByteString, value: Buffer])[];

/**
 * Records of the form `<length> <key>=<value>\n`, the length counting the whole record.
 *
 * @throws {EngineError} `invalid` @see POSIX pax § pax Extended Header
 */
export function parsePax(body: Buffer): PaxRecords {
  const records: [ByteString, Buffer][] = [];
  for (let start = 0; start < body.length; ) {
    const space = body.indexOf(0x20, start);
    const digits = space < 0 || space - start > 10 ? '' : body.toString('latin1', start, space);
    const end = /^\d+$/.test(digits) ? start + Number(digits) : 0;
    const equals = body.indexOf(0x3d, space);
    if (
      end <= space + 1 ||
      end > body.length ||
      equals <= space + 1 ||
      equals >= end ||
      body[end - 1] !== 0x0a
    )
      throw invalid('malformed PAX record');
    records.push([body.toString('latin1', space + 1, equals), body.subarray(equals + 1, end - 1)]);
    start = end;
  }
  return records;
}

/** The body of an extended header. */
export function formatPax(records: PaxRecords): Buffer {
  return Buffer.concat(records.map(([key, value]) => formatRecord(key, value)));
}

function formatRecord(key: ByteString, value: Buffer): Buffer {
  const rest = key.length + value.length + 3; // space, equals sign, newline
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.concat([toBytes(`${length} ${key}=`), value, toBytes('\n')]);
}
