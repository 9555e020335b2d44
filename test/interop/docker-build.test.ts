import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test, { after, before } from 'node:test';
import { until, untilListening } from '../fixtures/docker-client.ts';
import {
  importBusybox,
  slowness,
  startDockerd,
  startHoistd,
  type TestEngine,
  which,
} from '../fixtures/engines.ts';
import { skipWithoutRegistry } from '../fixtures/registry.ts';
import { directory as directoryEntry, file, tar } from '../fixtures/tar.ts';

/** The classic builder's edge, beside dockerd's: the same request, the same stream. And a client that uses it. */

const skip = which('dockerd') && which('docker') ? false : 'not installed: docker';
const directory = mkdtempSync(join(tmpdir(), 'hoist-build-'));
let engines: readonly TestEngine[] = [];
before(async () => {
  if (skip) return;
  engines = [await startHoistd(), await startDockerd()];
  for (const engine of engines) importBusybox(engine);
});
after(async () => {
  for (const engine of engines) await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly lines: readonly string[];
}

async function build(engine: TestEngine, query: string, context: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const path = `/v1.41/build?${query}`;
  const headers = { 'Content-Type': 'application/x-tar' };
  const sent = request({ socketPath: engine.socket, method: 'POST', path, headers }, async (response) => {
    const text = (await buffer(response)).toString();
    const lines = text.split(/\r?\n/).filter(Boolean).map(plain);
    resolve({ status: response.statusCode!, lines });
  });
  sent.on('error', reject).end(context);
  return promise;
}

/** A line without what differs from build to build. dockerd 20.10 says "Removing" where later ones say "Removed". */
const plain = (line: string): string =>
  JSON.stringify(JSON.parse(line))
    .replace('"Removing intermediate', '" ---> Removed intermediate')
    .replace(/sha256:[0-9a-f]{64}/g, '<id>')
    .replace(/\b[0-9a-f]{12}\b/g, '<short>');

const encoded = (value: object): string => encodeURIComponent(JSON.stringify(value));

const same: [name: string, query: string, dockerfile: string][] = [
  [
    'success',
    't=x&t=y:1',
    'FROM busybox\nENV A=b\nRUN echo out\nRUN echo err >&2\nRUN printf partial\nCMD ["sh"]\n',
  ],
  ['the same from the cache', '', 'FROM busybox\nENV A=b\nRUN echo out\n'],
  ['containers kept', 'rm=0', 'FROM busybox\nRUN echo kept\n'],
  ['a step that fails', '', 'FROM busybox\nRUN echo before; exit 3\nRUN true\n'],
  ['one that fails, forcerm', 'forcerm=1', 'FROM busybox\nRUN echo forced; exit 4\n'],
  ['a registry that is not there', '', 'FROM 127.0.0.1:1/nothing\nRUN true\n'],
  [
    'stages and global arguments',
    '',
    'ARG V=busybox\nFROM $V AS build\nARG X=1\nRUN echo $X > /f\nFROM busybox\nCOPY --from=build /f /g\nLABEL z=1\n',
  ],
  ['quiet', 'q=1&t=q', 'FROM busybox\nRUN echo quiet\n'],
  ['quiet and failed', 'q=1', 'FROM busybox\nRUN echo quiet; false\n'],
  [
    'an argument that nothing uses',
    `t=w&buildargs=${encoded({ FOO: '1', USED: 'u' })}`,
    'FROM busybox\nARG USED\nRUN echo $USED\n',
  ],
  ['labels', `labels=${encoded({ b: '2', a: '1' })}`, 'FROM busybox\nRUN echo labelled\n'],
  ['triggers to come', 't=onb', 'FROM busybox\nONBUILD RUN echo trigger\nONBUILD ENV T=1\n'],
  ['triggers', '', 'FROM onb\nRUN echo own\n'],
  ['from nothing', '', 'FROM scratch\nCOPY Dockerfile /\n'],
  [
    'metadata',
    '',
    'FROM busybox\nWORKDIR /a\nUSER 1\nSHELL ["/bin/sh","-ec"]\nRUN ["echo","x"]\nEXPOSE 80\nVOLUME /v\nHEALTHCHECK NONE\n',
  ],
  ['a continued line', '', 'FROM busybox\nRUN echo a \\\n   "b  c"   \n'],
  ['no instruction', '', '# nothing\n'],
  ['no FROM', '', 'RUN true\n'],
  ['no such Dockerfile', 'dockerfile=Other', 'FROM busybox\n'],
  ['wrong build arguments', 'buildargs=x', 'FROM busybox\n'],
  ['wrong labels', 'labels=x', 'FROM busybox\n'],
  ['wrong ulimits', 'ulimits=x', 'FROM busybox\n'],
  ['no such isolation', 'isolation=zz', 'FROM busybox\n'],
  ['security options', `securityopt=${encoded(['a=b'])}`, 'FROM busybox\n'],
  ['a platform that is none', 'platform=linux/wat/a/b', 'FROM busybox\n'],
  ['a limit that is none', 'memory=x', 'FROM busybox\n'],
];
for (const [name, query, dockerfile] of same) {
  test(`a classic build, ${name}`, { skip }, async () => {
    const context = tar(file('Dockerfile', dockerfile));
    const [ours, theirs] = [
      await build(engines[0]!, query, context),
      await build(engines[1]!, query, context),
    ];
    assert.deepEqual(ours, theirs);
  });
}

test('an empty context', { skip }, async () => {
  const [ours, theirs] = await Promise.all(engines.map((engine) => build(engine, '', Buffer.alloc(0))));
  assert.deepEqual(ours, theirs);
});

const isChecksumWord = (line: string): boolean => line.includes('Verifying Checksum');

/** What a build says whose base, with this in a file, is to be pulled. */
async function pullWords(engine: TestEngine, name: string, content: string): Promise<string[]> {
  // of a layer that nothing else has
  for (const args of [
    ['import', '-', name],
    ['push', '-q', name],
    ['rmi', '-f', name],
  ]) {
    const input = tar(file('only', content));
    assert.equal(spawnSync('docker', ['-H', engine.host, ...args], { input }).status, 0, args.join(' '));
  }
  const { lines } = await build(engine, 'nocache=1', tar(file('Dockerfile', `FROM ${name}\nENV P=1\n`)));
  // bars come as often as they like
  return [...new Set(lines.map((line) => line.replace(/"progress(Detail)?":("[^"]*"|\{[^}]*\}),?/g, '')))];
}

test('the pull of a base image', { skip: skip || skipWithoutRegistry }, async () => {
  const told: string[][] = [];
  for (const [index, engine] of engines.entries()) {
    const config = join(directory, `registry-${index}.json`);
    const storage = { filesystem: { rootdirectory: join(directory, `registry-${index}`) } };
    writeFileSync(
      config,
      JSON.stringify({ version: 0.1, log: { level: 'error' }, storage, http: { addr: '127.0.0.1:5000' } }),
    );
    engine.spawnBeside('docker-registry', 'serve', config);
    await untilListening(engine, 5000);
    const name = '127.0.0.1:5000/base:1';
    let words = await pullWords(engine, name, 'here');
    // dockerd lets a word go now and then that the next one is close behind: it is asked until it says all
    for (let again = 1; again < 5 && engine.name === 'dockerd' && !words.some(isChecksumWord); again += 1)
      words = await pullWords(engine, name, `here ${again}`);
    told.push(words);
  }
  assert.deepEqual(told[0], told[1]);
});

const ignoring: [name: string, ignore: string, query: string][] = [
  ['names the Dockerfile', 'Dockerfile\n', ''],
  ['names itself and others', '.dockerignore\nkept\n', ''],
  ['names all but the Dockerfile', '*\n!Dockerfile\n', ''],
  ['names the Dockerfile in a folder', 'd\n', 'dockerfile=d/Dockerfile'],
];
for (const [name, ignore, query] of ignoring) {
  test(`a sent .dockerignore that ${name}`, { skip }, async () => {
    const dockerfile = 'FROM busybox\nWORKDIR /all\nCOPY . .\nRUN find . | sort\n';
    const context = tar(
      ...[file('Dockerfile', dockerfile), directoryEntry('d/'), file('d/Dockerfile', dockerfile)],
      ...[file('kept', 'k'), file('.dockerignore', ignore)],
    );
    const found = async (engine: TestEngine) =>
      (await build(engine, `nocache=1&${query}`, context)).lines.filter((line) => line.includes('./'));
    const ours = await found(engines[0]!);
    assert.ok(ours.length > 0);
    assert.deepEqual(ours, await found(engines[1]!));
  });
}

const classic = { ...process.env, DOCKER_BUILDKIT: '0' };

function docker(...args: string[]): { code: number | null; out: string; err: string } {
  const options = { encoding: 'utf8', env: classic, timeout: 60_000 * slowness } as const;
  const { status, stdout, stderr } = spawnSync('docker', ['-H', engines[0]!.host, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

test('docker build, run and history', { skip }, () => {
  writeFileSync(
    join(directory, 'Dockerfile'),
    'FROM busybox\nCOPY file /file\nARG A\nRUN cat /file; echo $A\n',
  );
  writeFileSync(join(directory, 'file'), 'content\n');
  const built = docker('build', '-t', 'cli', '--build-arg', 'A=given', '--label', 'l=1', directory);
  assert.equal(built.code, 0, built.err);
  assert.match(
    built.out,
    /Step 4\/5 : RUN cat \/file; echo \$A\n ---> Running in [0-9a-f]{12}\ncontent\ngiven\n/,
  );
  assert.match(built.out, /Successfully tagged cli:latest\n$/);
  assert.equal(docker('run', '--rm', 'cli', 'cat', '/file').out, 'content\n');
  assert.match(docker('history', 'cli').out, /COPY file:/);
  const quiet = docker('build', '-q', '--build-arg', 'A=given', '--label', 'l=1', directory);
  assert.equal(quiet.out.trim(), docker('inspect', '-f', '{{.Id}}', 'cli').out.trim());
  const failed = docker('build', '--target', 'none', directory);
  assert.equal(failed.code, 1);
});

test('a step that fails is the exit code of docker build', { skip }, () => {
  writeFileSync(join(directory, 'Failing'), 'FROM busybox\nRUN exit 42\n');
  const { code, err } = docker('build', '-f', join(directory, 'Failing'), directory);
  assert.equal(code, 42);
  assert.match(err, /The command '\/bin\/sh -c exit 42' returned a non-zero code: 42/);
});

test('a client that goes ends its build', { skip }, async () => {
  writeFileSync(join(directory, 'Slow'), 'FROM busybox\nRUN echo begun; sleep 98765\n');
  const client = spawn(
    'docker',
    ['-H', engines[0]!.host, 'build', '-f', join(directory, 'Slow'), directory],
    {
      env: classic,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let out = '';
  client.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  await until('the step', () => out.includes('begun'));
  const sleeps = () => spawnSync('pgrep', ['-f', '^sleep 98765$']).status === 0;
  await until('its process', sleeps);
  client.kill('SIGKILL');
  await until('the end of the step', () => !sleeps());
});

test('build cache in disk usage, and its removal', { skip }, async () => {
  const usage = docker('system', 'df', '--format', '{{json .}}').out;
  assert.match(usage, /"Type":"Build Cache"/);
  const pruned = docker('builder', 'prune', '-af');
  assert.equal(pruned.code, 0, pruned.err);
  assert.match(pruned.out, /Total reclaimed space: /);
});
