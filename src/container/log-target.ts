import { invalid } from '#base/errors.ts';
import type { LogTarget } from '#runtime/format.ts';
import type { Paths } from '#state/paths.ts';
import type { ContainerRecord } from './record.ts';

/** Where a container's output is written and when the file is rotated; undefined when it is not kept. */
export function logTarget({ id, hostConfig }: ContainerRecord, paths: Paths): LogTarget | undefined {
  const { Type: type, Config: options = {} } = hostConfig.LogConfig ?? {};
  if (type === 'none') return undefined;
  const isLocal = type === 'local';
  const maxBytes = parseSize(options['max-size'] ?? (isLocal ? '20m' : '-1'));
  const maxFiles = Number(options['max-file'] ?? (isLocal ? 5 : 1));
  const path = paths.containerLog(id);
  return maxBytes > 0 ? { path, maxBytes, maxFiles } : { path };
}

/** `10m`, `1g`, `4096`: bytes; -1 is no limit. @throws {EngineError} `invalid` */
export function parseSize(text: string): number {
  const found = /^(-?\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text);
  if (found === null) throw invalid(`invalid size: '${text}'`);
  return Math.floor(Number(found[1]) * 1024 ** ' kmgtp'.indexOf(found[2]!.toLowerCase() || ' '));
}
