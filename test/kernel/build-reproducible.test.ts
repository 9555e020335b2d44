import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import type { BuildRequest } from '#api/index.ts';
import { readTar } from '#archive/read-tar.ts';
import { type Engine, openEngine } from '#engine/index.ts';
import { busyboxTar, installed } from '../fixtures/engines.ts';

const skip =
  process.getuid?.() !== 0 ? 'needs root' : installed('busybox') ? false : 'busybox is not installed';

const from = 'FROM busybox\n';
const files = { a: 'x', 'd/b': 'y', 'd/s/c': 'z' };

/** Steps that are themselves the same every time. */
const dockerfiles: readonly string[] = [
  from,
  'FROM scratch\nCOPY a /a\n',
  `${from}RUN echo a > /a\n`,
  `${from}RUN mkdir -p /x/y && touch /x/y/z && ln -s z /x/y/l && ln /x/y/z /x/h\n`,
  `${from}RUN mkdir /d && touch /d/a /d/b\nRUN rm /d/a\nRUN rm -r /d\n`,
  `${from}RUN touch /a && chmod 4711 /a && chown 12:34 /a\n`,
  `${from}WORKDIR /w/x\nRUN pwd > here\n`,
  `${from}USER 1000:1000\nWORKDIR /tmp/w\n`,
  `${from}ENV A=1 B=2\nARG C=3\nRUN echo $A$B$C > /env\n`,
  `${from}COPY a /a\nCOPY d /d\n`,
  `${from}COPY . /all/\n`,
  `${from}COPY --chown=5:6 --chmod=640 d /d\n`,
  `${from}COPY --link d/ /linked/\n`,
  `${from}COPY --parents --exclude=*.c d/s /p/\n`,
  `${from}COPY <<one <<two /docs/\n1\none\n2\ntwo\n`,
  `${from}RUN <<end\necho a > /a\necho b > /b\nend\n`,
  'FROM busybox AS one\nRUN echo built > /out\nFROM busybox\nCOPY --from=one /out /out\n',
  'FROM busybox AS one\nCOPY d /d\nFROM scratch\nCOPY --from=one /d /e\nCMD ["/e"]\n',
  `${from}RUN --mount=type=bind,target=/m cat /m/a > /copied\nRUN --mount=type=tmpfs,target=/t echo t > /t/x\n`,
  `${from}EXPOSE 80\nVOLUME /v\nLABEL a=b\nHEALTHCHECK CMD true\nSTOPSIGNAL SIGINT\nENTRYPOINT ["sh"]\n`,
];

interface Site {
  readonly engine: Engine;
  readonly folder: string;
  /** Of every file of its contexts, seconds. */
  readonly time: number;
}

let sites: readonly [Site, Site] | undefined;
const held = new AsyncDisposableStack();

before(async () => {
  if (skip !== false) return;
  const base = await imported(await site('first', 1_000_000_000));
  sites = [base, await imported(await site('second-elsewhere', 1_700_000_000), base)];
});

after(() => held.disposeAsync());

async function site(name: string, time: number): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), `reproducible-${name}-`));
  held.defer(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await openEngine({
    dataRoot: join(folder, 'data'),
    runRoot: join(folder, 'run'),
    bridge: 'none',
    firewall: false,
    cgroupParent: `/reproducible-${process.pid}-${name}`,
  });
  held.use(engine);
  return { engine, folder, time };
}

/** Both begin from the very same base. */
async function imported(to: Site, other?: Site): Promise<Site> {
  if (other !== undefined)
    for await (const _ of to.engine.images.load(other.engine.images.save(['busybox'])));
  else for await (const _ of to.engine.images.import({ tar: one(busyboxTar()), name: 'busybox:latest' }));
  return to;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

for (const [number, dockerfile] of dockerfiles.entries())
  test(`the same image twice: ${JSON.stringify(dockerfile).slice(0, 90)}`, { skip }, async () => {
    if (sites === undefined) throw new Error('The engines did not open');
    const [first, second] = [
      await built(sites[0], number, 0o022, dockerfile),
      await built(sites[1], number, 0o077, dockerfile),
    ];
    assert.match(first.manifest, /^[0-9a-f]{64}$/);
    assert.deepEqual(first, second);
  });

/** Builds with another clock's files, folder and umask, and tells what came out. */
async function built(
  { engine, folder, time }: Site,
  number: number,
  mask: number,
  dockerfile: string,
): Promise<{ readonly image: string | undefined; readonly manifest: string }> {
  const context = join(folder, `context-${number}`);
  const before = process.umask(mask);
  try {
    for (const [name, content] of Object.entries({ ...files, Dockerfile: dockerfile })) {
      mkdirSync(dirname(join(context, name)), { recursive: true, mode: 0o755 });
      writeFileSync(join(context, name), content, { mode: 0o644 });
    }
    // the modes of files are part of what is built: only the umask of the programs in between differs
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', context]);
    for (const name of Object.keys(files)) utimesSync(join(context, name), time, time);
    const tar = execFileSync('tar', ['-C', context, '-cf', '-', '.'], { maxBuffer: 1 << 26 });
    const { id } = await engine.builds.contexts.receive(one(tar));
    return await run(engine, {
      id: `reproducible${String(number).padStart(4, '0')}`,
      context: { kind: 'sent', id },
      tags: [`built:${number}`],
      outputs: [{ type: 'image' }, { type: 'oci' }],
    });
  } finally {
    process.umask(before);
  }
}

async function run(
  engine: Engine,
  request: BuildRequest,
): Promise<{ readonly image: string | undefined; readonly manifest: string }> {
  let image: string | undefined;
  let manifest = '';
  for await (const event of engine.builds.build(request)) {
    if (event.kind === 'image') image = event.id;
    if (event.kind === 'output') manifest = await manifestIn(engine.builds.output(request.id ?? '', event.n));
    if (event.kind === 'finished') assert.equal(event.outcome, 'done', event.error?.message ?? '');
  }
  return { image, manifest };
}

/** The digest of the image's manifest, as the archive's index names it; of the whole index, to be sure. */
async function manifestIn(tar: AsyncIterable<Uint8Array>): Promise<string> {
  let index = '';
  for await (const { entry, body } of readTar(tar)) {
    if (entry.name !== 'index.json') continue;
    for await (const bytes of body) index += Buffer.from(bytes).toString();
  }
  assert.match(index, /"digest":"sha256:/);
  return createHash('sha256').update(index).digest('hex');
}
