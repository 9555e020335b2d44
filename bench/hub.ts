import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { hubPaths } from '#hub/paths.ts';
import { openSqliteRecords } from '#hub/records/sqlite/index.ts';
import { mediaTypes } from '#oci/media-types.ts';
import type { Database } from '#state/database.ts';
import { root } from '../test/fixtures/engines.ts';
import { madeImage } from '../test/fixtures/images.ts';
import { freePort, publish, startRegistry } from '../test/fixtures/registry.ts';
import { startTokenServer } from '../test/fixtures/token-server.ts';
import { median, milliseconds, type Pair, run } from './measure.ts';
import type { Row } from './report.ts';

const layerBytes = 500 << 20;
const most = 8;
const repository = 'ann/app';
const manyRepositories = 100_000;
const pushSeconds = 20;
const pushesPerSecond = 100;

/** A registry that is measured: where it is, and who asks. */
interface Side {
  readonly base: string;
  readonly pid: number;
  token(scope: string): Promise<string>;
}

/**
 * The Hub beside Debian's docker-registry, both with tokens: a large layer pushed and pulled by one client and by eight,
 * manifests a second; and the Hub alone: pushes while it collects, its memory.
 */
export async function hubRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-hub-'));
  const files = mkdtempSync('/dev/shm/bench-hub-');
  try {
    await using tokens = await startTokenServer(folder);
    const { realm, service, issuer, bundle } = tokens;
    await using peer = await startRegistry({ token: { realm, service, issuer, bundle } });
    const theirs: Side = {
      base: `http://${peer.host}`,
      pid: 0,
      token: (scope) => tokenOf(`${realm}?service=${service}&scope=${scope}`, 'alice:secret'),
    };
    await using ours = await startHub(folder);
    return [
      ...(await transferRows({ ours, theirs, files })),
      await manifestRow({ ours, theirs }),
      await memoryRow(ours),
      await pushesRow(ours),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(files, { recursive: true, force: true });
  }
}

const password = 'correct horse battery';

/** `bin/hoist-hub serve` with the user ann. */
async function startHub(
  folder: string,
  prepare: (data: string) => void = () => {},
): Promise<Side & AsyncDisposable & { readonly data: string }> {
  const data = join(folder, 'hub');
  const program = join(root, 'bin/hoist-hub');
  const port = await freePort();
  execFileSync(program, ['user', 'add', 'ann', '--admin', '--password-stdin', '--data', data], {
    input: password,
  });
  inRecords(data, (database) => database.run("UPDATE account SET plan_id = 'unlimited'"));
  prepare(data);
  const child = spawn(
    program,
    ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--log-level', 'warn'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (
      await fetch(`${base}/v2/`).then(
        () => true,
        () => false,
      )
    )
      break;
    if (tries > 200) throw new Error('the Hub did not start');
    await pass(50);
  }
  return {
    ...{ base, data, pid: child.pid! },
    token: (scope) => tokenOf(`${base}/token?service=127.0.0.1:${port}&scope=${scope}`, `ann:${password}`),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

const basic = (who: string): string => `Basic ${Buffer.from(who).toString('base64')}`;

async function tokenOf(url: string, who: string): Promise<string> {
  const authorization = basic(who);
  const answer = await fetch(url, { headers: { authorization } });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
}

interface Both {
  readonly ours: Side;
  readonly theirs: Side;
}

// ---- large layers

/** A file of noise: the same but for its first bytes, so that every push brings something new. */
function largeFile(path: string): void {
  const block = randomBytes(1 << 20);
  const file = openSync(path, 'w');
  for (let at = 0; at < layerBytes; at += block.length) {
    block.writeUInt32LE(at / block.length);
    writeSync(file, block);
  }
  closeSync(file);
}

interface Layer {
  readonly path: string;
  readonly digest: string;
}

async function freshLayers(folder: string, count: number, turn: number): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (let i = 0; i < count; i += 1) {
    const path = join(folder, `layer${i}`);
    if (turn < 0) largeFile(path);
    const file = openSync(path, 'r+');
    writeSync(file, randomBytes(16));
    closeSync(file);
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(piece as Buffer);
    layers.push({ path, digest: `sha256:${hash.digest('hex')}` });
  }
  return layers;
}

async function push(side: Side, layers: readonly Layer[]): Promise<void> {
  const token = await side.token(`repository:${repository}:pull,push`);
  const authorization = `Authorization: Bearer ${token}`;
  const targets = await Promise.all(
    layers.map(async ({ path, digest }) => {
      const headers = { authorization: `Bearer ${token}` };
      const opened = await fetch(`${side.base}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers });
      const url = new URL(opened.headers.get('location') ?? '', side.base);
      url.searchParams.set('digest', digest);
      return `-T ${path} ${JSON.stringify(url.href)}`;
    }),
  );
  const curl = `curl -sS --fail -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' -H '${authorization}'`;
  await parallel(targets.map((target) => `${curl} ${target}`));
}

async function pull(side: Side, layers: readonly Layer[]): Promise<void> {
  const token = await side.token(`repository:${repository}:pull`);
  await parallel(
    layers.map(
      ({ digest }) =>
        `curl -sS --fail -o /dev/null -H 'Authorization: Bearer ${token}' ${side.base}/v2/${repository}/blobs/${digest}`,
    ),
  );
}

/** Runs shell commands side by side. @throws when one fails */
async function parallel(commands: readonly string[]): Promise<void> {
  const children = commands.map((command) =>
    spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const codes = await Promise.all(
    children.map((child) => new Promise((resolve) => child.once('exit', resolve))),
  );
  if (codes.some((code) => code !== 0)) throw new Error('a transfer failed');
}

async function transferRows({ ours, theirs, files }: Both & { readonly files: string }): Promise<Row[]> {
  const rows: Row[] = [];
  for (const clients of [1, most]) {
    const pushes = { ours: [] as number[], theirs: [] as number[] };
    const pulls = { ours: [] as number[], theirs: [] as number[] };
    const turns = clients === 1 ? 5 : 3;
    for (let turn = -1; turn < turns; turn += 1) {
      const layers = await freshLayers(files, clients, turn);
      for (const [name, side] of [
        ['ours', ours],
        ['theirs', theirs],
      ] as const) {
        const pushed = await milliseconds(() => push(side, layers));
        const pulled = await milliseconds(() => pull(side, layers));
        if (turn < 0) continue;
        pushes[name].push(pushed);
        pulls[name].push(pulled);
      }
    }
    const who = clients === 1 ? '1 client' : `${clients} clients`;
    rows.push(throughput(`Hub: push of 500 MB, ${who}`, pushes, clients));
    rows.push(throughput(`Hub: pull of 500 MB, ${who}`, pulls, clients));
  }
  return rows;
}

/** The peer's time over ours, turn by turn: how many times its throughput. */
function throughput(work: string, pair: Pair, clients: number): Row {
  const rate = (times: readonly number[]) =>
    `${((clients * layerBytes) / 1048.576 / median(times)).toFixed(0)} MB/s`;
  return {
    work,
    ours: rate(pair.ours),
    theirs: rate(pair.theirs),
    figure: median(pair.theirs.map((time, i) => time / pair.ours[i]!)),
    bar: 1,
    unit: 'times the rate',
    runs: pair.ours.length,
  };
}

// ---- manifests

/** Requests a second of one address, for two seconds. */
function rateOf(url: string, token: string, connections: number): number {
  const headers = ['-H', `Authorization: Bearer ${token}`, '-H', `Accept: ${mediaTypes.ociManifest}`];
  const told = run('ab', [
    '-k',
    '-q',
    '-c',
    String(connections),
    '-n',
    '10000000',
    '-t',
    '2',
    ...headers,
    url,
  ]);
  const failed = Number(/Non-2xx responses:\s+(\d+)/.exec(told)?.[1] ?? 0);
  if (failed > 0) throw new Error(`${url}: ${failed} refused`);
  return Number(/Requests per second:\s+([\d.]+)/.exec(told)?.[1]);
}

async function manifestRow({ ours, theirs }: Both): Promise<Row> {
  const image = madeImage({ layers: [{ a: '1' }, { b: '2' }] });
  const rates = { ours: [] as number[], theirs: [] as number[] };
  for (const side of [ours, theirs]) {
    const token = await side.token(`repository:${repository}:pull,push`);
    await publish(side.base, repository, 'v1', image, { authorization: `Bearer ${token}` });
  }
  for (let turn = -1; turn < 5; turn += 1)
    for (const [name, side] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      const rate = rateOf(
        `${side.base}/v2/${repository}/manifests/v1`,
        await side.token(`repository:${repository}:pull`),
        8,
      );
      if (turn >= 0) rates[name].push(rate);
    }
  return {
    work: 'Hub: `GET` of a manifest by tag, with tokens',
    ours: `${median(rates.ours).toFixed(0)}/s`,
    theirs: `${median(rates.theirs).toFixed(0)}/s`,
    figure: median(rates.ours.map((mine, i) => mine / rates.theirs[i]!)),
    bar: 3,
    unit: 'times the rate',
    runs: 5,
  };
}

/** The most memory that the Hub ever had, after all of the above. */
async function memoryRow({ pid }: Side): Promise<Row> {
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  return {
    work: 'Hub: most memory (RSS), after pushes and pulls of 500 MB layers by 8 clients',
    ours: `${peak.toFixed(0)} MB`,
    theirs: '',
    figure: peak,
    bar: 250,
    unit: 'MB',
    runs: 1,
  };
}

// ---- pushes while it collects

/** 100 pushes a second of small images, every second one deleted again, while a collection follows the other. */
async function pushesRow(hub: Side & { readonly data: string }): Promise<Row> {
  const name = 'ann/small';
  const token = await hub.token(`repository:${name}:pull,push,delete`);
  const authorization = `Bearer ${token}`;
  const kept = new Map<string, ReturnType<typeof madeImage>>();
  const errors: string[] = [];
  const collecting = new AbortController();
  const collections = collectUntil(hub.data, collecting.signal);
  const pushes: Promise<void>[] = [];
  const start = Date.now();
  for (let n = 0; n < pushSeconds * pushesPerSecond; n += 1) {
    await pass(Math.max(0, start + (n * 1000) / pushesPerSecond - Date.now()));
    const image = madeImage({ layers: [{ [`file${n}`]: `content of ${n}` }] });
    pushes.push(
      publish(hub.base, name, `t${n}`, image, { authorization })
        .then(async () => {
          if (n % 2 === 0) return void kept.set(`t${n}`, image);
          const gone = await fetch(`${hub.base}/v2/${name}/manifests/${image.digest}`, {
            method: 'DELETE',
            headers: { authorization },
          });
          if (gone.status !== 202) throw new Error(`delete: ${gone.status}`);
        })
        .catch((error: unknown) => void errors.push(String(error))),
    );
  }
  await Promise.all(pushes);
  const seconds = (Date.now() - start) / 1000;
  collecting.abort();
  const { runs, blobs } = await collections;
  let lost = 0;
  for (const [tag, image] of kept)
    for (const path of [
      `manifests/${tag}`,
      ...image.layers.map(({ descriptor }) => `blobs/${descriptor.digest}`),
    ]) {
      const found = await fetch(`${hub.base}/v2/${name}/${path}`, { headers: { authorization } });
      await found.arrayBuffer();
      if (found.status !== 200) lost += 1;
    }
  if (errors.length > 0) console.error(errors.slice(0, 5).join('\n'));
  return {
    work: `Hub: ${pushesPerSecond} pushes/s of small images for ${pushSeconds} s, ${runs} collections meanwhile: errors and lost blobs`,
    ours: `${(pushes.length / seconds).toFixed(0)}/s, ${blobs} blobs collected`,
    theirs: '',
    figure: errors.length + lost,
    bar: 0,
    unit: '×',
    runs: 1,
  };
}

async function collectUntil(data: string, signal: AbortSignal): Promise<{ runs: number; blobs: number }> {
  const counted = { runs: 0, blobs: 0 };
  while (!signal.aborted) {
    const child = spawn(join(root, 'bin/hoist-hub'), ['collect', '--grace', '3s', '--data', data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (piece) => {
      told += piece;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`collect: ${code}\n${told}`);
    counted.runs += 1;
    counted.blobs += Number(/(\d+) blobs?/.exec(told)?.[1] ?? 0);
    await pass(500);
  }
  return counted;
}

// ---- search

/** How long a search of 100,000 repositories takes beside a manifest, for a client that waits for each answer. */
export async function hubSearchRow(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-hub-'));
  using _folder = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
  await using hub = await startHub(folder, (data) => fill(data));
  const token = await hub.token(`repository:${repository}:pull,push`);
  const image = madeImage({ layers: [{ a: '1' }] });
  await publish(hub.base, repository, 'v1', image, { authorization: `Bearer ${token}` });
  const times = { search: [] as number[], manifest: [] as number[] };
  for (let turn = -1; turn < 5; turn += 1) {
    const search = 1000 / rateOf(`${hub.base}/v1/search?q=${words[(turn + 1) % words.length]}`, token, 1);
    const manifest = 1000 / rateOf(`${hub.base}/v2/${repository}/manifests/v1`, token, 1);
    if (turn < 0) continue;
    times.search.push(search);
    times.manifest.push(manifest);
  }
  return {
    work: `Hub: a search of ${manyRepositories.toLocaleString('en')} repositories beside a manifest's \`GET\``,
    ours: `${median(times.search).toFixed(2)} ms`,
    theirs: `${median(times.manifest).toFixed(2)} ms`,
    figure: median(times.search.map((time, i) => time / times.manifest[i]!)),
    bar: 5,
    unit: '×',
    runs: 5,
  };
}

const words = ['database', 'web', 'cache-proxy', 'a', 'message', 'team77'];

function fill(data: string): void {
  const at = new Date().toISOString();
  const kinds = [
    'web',
    'database',
    'cache',
    'proxy',
    'queue',
    'metrics',
    'builder',
    'search',
    'mail',
    'base',
  ];
  inRecords(data, (database) =>
    database.transaction(() => {
      const { id } = database.get<{ id: string }>("SELECT id FROM account WHERE name = 'ann'")!;
      for (let n = 0; n < manyRepositories; n += 1) {
        const name = `team${n % 997}-${kinds[n % 10]}-${n}`;
        database.run(
          `INSERT INTO repository (owner_id, name, full_name, visibility, description, stars, pulls, created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?8)`,
          ...[id, name, `ann/${name}`, n % 3 === 0 ? 'private' : 'public'],
          `A ${kinds[(n * 7) % 10]} for the ${kinds[(n * 3 + 1) % 10]} of number ${n}, with messages`,
          ...[n % 50, (n * 31) % 10_000, at],
        );
      }
    }),
  );
}

/** Changes a Hub's records while nothing serves it. */
function inRecords(data: string, change: (database: Database) => void): void {
  using database = openSqliteRecords(hubPaths(data).database).database;
  change(database);
}
