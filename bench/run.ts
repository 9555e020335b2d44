import { importBusybox, startDockerd, startHoistd } from '../test/fixtures/engines.ts';
import { buildRows } from './build.ts';
import { engineStartRow } from './engine-start.ts';
import { hubRows, hubSearchRow } from './hub.ts';
import { run } from './measure.ts';
import { networkRows } from './network.ts';
import { podmanRows } from './podman.ts';
import { pullRows } from './pull.ts';
import { keep, type Row, reached, table } from './report.ts';
import {
  execRow,
  idleRow,
  listRow,
  manyRow,
  outputRows,
  type Peers,
  removeRow,
  runNoneRow,
  runRow,
  stopRow,
  versionRow,
} from './rows.ts';

const all: Record<string, (peers: Peers) => Promise<Row | Row[]>> = {
  idle: idleRow,
  run: runRow,
  none: runNoneRow,
  engine: engineStartRow,
  exec: execRow,
  stop: stopRow,
  rm: removeRow,
  many: manyRow,
  list: listRow,
  output: outputRows,
  pull: pullRows,
  network: networkRows,
  version: versionRow,
  podman: podmanRows,
  build: buildRows,
  hub: hubRows,
  'hub-search': hubSearchRow,
};

const wanted = process.argv.slice(2);
for (const name of wanted)
  if (!(name in all)) throw new Error(`No row ${name}; there are ${Object.keys(all).join(', ')}`);

await using hoistd = await startHoistd();
await using dockerd = await startDockerd();
for (const engine of [hoistd, dockerd]) importBusybox(engine);

const rows: Row[] = [];
for (const [name, measure] of Object.entries(all)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const measured = [await measure({ hoistd, dockerd })].flat();
  rows.push(...measured);
  for (const row of measured)
    console.error(
      `${row.work}: ${row.ours} beside ${row.theirs}${reached(row) ? '' : '  (bar not reached)'}`,
    );
}
console.log(table(rows));
if (wanted.length === 0)
  keep(rows, `dockerd ${run('docker', ['-H', dockerd.host, 'version', '-f', '{{.Server.Version}}']).trim()}`);
