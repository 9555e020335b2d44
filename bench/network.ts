import { join } from 'node:path';
import { run } from './measure.ts';
import type { NetworkFigures } from './network-host.ts';
import type { Row } from './report.ts';

const TURNS = 9;

/** A published port beside the bridge itself, on a host of the measurement's own: the peer is the kernel. */
export async function networkRows(): Promise<Row[]> {
  const printed = run(process.execPath, [join(import.meta.dirname, 'network-host.ts')]);
  const { throughput, roundTrip } = JSON.parse(printed) as NetworkFigures;
  const rate = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB/s`;
  const time = (microseconds: number) => `${microseconds.toFixed(1)} µs`;
  return [
    {
      work: 'published port, host to container, bulk (beside the bridge)',
      ours: rate(throughput.published),
      theirs: rate(throughput.bridge),
      figure: 1 / throughput.ratio,
      bar: 1 / 0.95,
      unit: '×',
      runs: TURNS,
    },
    {
      work: 'published port, host to container, round trip (beside the bridge)',
      ours: time(roundTrip.published),
      theirs: time(roundTrip.bridge),
      figure: roundTrip.ratio,
      bar: 1 / 0.95,
      unit: '×',
      runs: TURNS,
    },
  ];
}
