import { invalid } from '#base/errors.ts';
import { parseAddress, parseRange, type Range } from './ipv4.ts';

/** An address that a user wrote. @throws {EngineError} `invalid`, in Go's words */
export function parseIpamAddress(text: string): number {
  const address = parseAddress(text);
  if (address === undefined) throw invalid(`invalid IP address: ${text}`);
  return address;
}

/** A range that a user wrote, with its host part. @throws {EngineError} `invalid`, in Go's words */
export function parseIpamRange(text: string): Range {
  const range = parseRange(text);
  if (range === undefined) throw invalid(`invalid CIDR address: ${text}`);
  return range;
}
