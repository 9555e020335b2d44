import { release } from 'node:os';
import { invalid } from '#base/errors.ts';

/** `[6, 1]` of `6.1.0-13-amd64`. @throws {EngineError} `invalid` when it does not begin with two numbers */
export function parseKernelVersion(text: string): readonly [major: number, minor: number] {
  const found = /^(\d+)\.(\d+)/.exec(text);
  if (found === null) throw invalid(`Cannot read kernel version ${JSON.stringify(text)}`);
  return [Number(found[1]), Number(found[2])];
}

/** Whether a kernel, this machine's unless one is given, is no older than `minimum`: `4.8`. */
export function kernelAtLeast(minimum: string, version: string = release()): boolean {
  const [major, minor] = parseKernelVersion(version);
  const [wantedMajor, wantedMinor] = parseKernelVersion(minimum);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
