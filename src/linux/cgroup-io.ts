import type { IoStats } from './cgroup.ts';
import { readControl } from './cgroup-tree.ts';

/** Reads, writes and discards of each device, from version 1's throttling or, where that has none, BFQ's files. */
export function ioStatsV1(directory: string | undefined): readonly IoStats[] {
  if (directory === undefined) return [];
  for (const policy of ['blkio.throttle', 'blkio.bfq']) {
    const bytes = tableV1(readControl(directory, `${policy}.io_service_bytes_recursive`));
    const operations = tableV1(readControl(directory, `${policy}.io_serviced_recursive`));
    if (bytes.size > 0) {
      return [...bytes].map(([key, { major, minor, op, value }]) => ({
        major,
        minor,
        op,
        bytes: value,
        operations: operations.get(key)?.value ?? 0,
      }));
    }
  }
  return [];
}

/** Lines of `8:0 Read 4096`; sums (`Sync`, `Async`, `Total`) are left out. */
function tableV1(text: string): Map<string, { major: number; minor: number; op: string; value: number }> {
  const lines = text.matchAll(/^(\d+):(\d+) (Read|Write|Discard) (\d+)$/gm);
  return new Map(
    [...lines].map(([, major, minor, op, value]) => [
      `${major}:${minor} ${op}`,
      { major: Number(major), minor: Number(minor), op: op!.toLowerCase(), value: Number(value) },
    ]),
  );
}

/** The same from version 2's `io.stat`: `8:0 rbytes=… wbytes=… rios=… wios=… dbytes=… dios=…` */
export function ioStatsV2(directory: string): readonly IoStats[] {
  return readControl(directory, 'io.stat')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const [device = '', ...fields] = line.split(' ');
      const [major = 0, minor = 0] = device.split(':').map(Number);
      const values = Object.fromEntries(fields.map((field) => field.split('=')));
      return ['read', 'write', 'discard'].map((op) => ({
        major,
        minor,
        op,
        bytes: Number(values[`${op[0]}bytes`] ?? 0),
        operations: Number(values[`${op[0]}ios`] ?? 0),
      }));
    });
}
