import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { untilListening } from '../fixtures/docker-client.ts';
import { busyboxTar, slowness, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';

/** A web server with its dependencies from the npm registry this machine uses: built, run, changed and rebuilt. */

const nodeBinary = realpathSync(process.execPath);
const relayUrl = 'http://127.0.0.1:4873/';

const dockerfile = `FROM node-base AS dependencies
ARG REGISTRY
WORKDIR /app
COPY package.json package-lock.json ./
RUN node /npm/bin/npm-cli.js ci --no-audit --no-fund --ignore-scripts --registry=$REGISTRY

FROM dependencies AS built
COPY build.js ./
COPY src src
RUN node build.js

FROM node-base
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=built /app/server.cjs .
EXPOSE 8080
CMD ["node", "server.cjs"]
`;

const server = (answer: string) => `const express = require('express');
const app = express();
app.get('/', (_, response) => response.send('${answer} built @BUILT@'));
app.listen(8080, '127.0.0.1');
`;

const buildStep = `const { readFileSync, writeFileSync } = require('node:fs');
writeFileSync('server.cjs', readFileSync('src/server.js', 'utf8').replace('@BUILT@', 'here'));
`;

const npm = (...args: string[]) => spawnSync('npm', args, { encoding: 'utf8', timeout: 60_000 * slowness });
const configured = (name: string) => npm('config', 'get', name).stdout?.trim() ?? '';

test('an npm application, run, changed by a line and built again', async (t) => {
  if (!which('docker') || !which('npm')) return t.skip('not installed: docker, npm');
  using files = temporary();
  const context = join(files.path, 'context');
  mkdirSync(join(context, 'src'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(context, name), text);
  write('package.json', JSON.stringify({ name: 'site', version: '1.0.0', dependencies: { express: '^4' } }));
  const locked = npm('install', '--prefix', context, '--package-lock-only', '--ignore-scripts', '--no-audit');
  if (locked.status !== 0) return t.skip('The npm registry is not reachable from here');
  const registry = configured('registry').replace(/\/*$/, '/');
  const lock = readFileSync(join(context, 'package-lock.json'), 'utf8');
  write('package-lock.json', lock.replaceAll(registry, relayUrl));
  write('Dockerfile', dockerfile);
  write('build.js', buildStep);
  write('src/server.js', server('first'));

  await using engine = await startHoistd();
  await using _ = await relayed(engine, registry);
  importNode(engine, files.path);
  const docker = (...args: string[]) => {
    const env = { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' };
    return spawned('docker', args, env);
  };
  const build = () =>
    docker('build', '-t', 'site', '--network', 'host', '--build-arg', `REGISTRY=${relayUrl}`, context);

  await build();
  assert.equal(await answerOf(engine, docker), 'first built here');
  write('src/server.js', server('second'));
  const output = await build();
  assert.ok(cached(output, 'npm-cli.js ci'), output);
  assert.ok(cached(output, 'COPY build.js'), output);
  assert.ok(!cached(output, 'COPY src src'), output);
  assert.ok(!cached(output, 'RUN node build.js'), output);
  assert.ok(cached(output, 'COPY --from=dependencies'), output);
  assert.equal(await answerOf(engine, docker), 'second built here');
});

/** Whether the classic builder's output says that the step with these words came from the cache. */
function cached(output: string, words: string): boolean {
  const step = output.split(/^Step /m).find((text) => text.split('\n')[0]!.includes(words));
  assert.ok(step, `No step has "${words}":\n${output}`);
  return step.includes('Using cache');
}

async function answerOf(engine: TestEngine, docker: (...args: string[]) => Promise<string>): Promise<string> {
  await docker('run', '-d', '--name', 'site', '--network', 'host', 'site');
  try {
    await untilListening(engine, 8080);
    return engine.beside('busybox', 'wget', '-qO-', 'http://127.0.0.1:8080/');
  } finally {
    await docker('rm', '-f', 'site');
  }
}

/** Runs a program without stopping this process, which answers for the registry meanwhile. */
async function spawned(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(program, args, { env, timeout: 240_000 * slowness }, (error, out, err) =>
    error ? reject(new Error(`${out}${err}`, { cause: error })) : resolve(out),
  );
  return promise;
}

/** Gives the engine an image of this very Node, its libraries, npm and busybox. */
function importNode(engine: TestEngine, folder: string): void {
  const tree = join(folder, 'base');
  mkdirSync(tree);
  execFileSync('tar', ['-xf', '-', '-C', tree], { input: busyboxTar() });
  copyFileSync(nodeBinary, join(tree, 'bin/node'));
  const libraries = execFileSync('ldd', [nodeBinary], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? [];
  for (const library of libraries) {
    mkdirSync(dirname(join(tree, library)), { recursive: true });
    copyFileSync(library, join(tree, library));
  }
  const npmFolder = dirname(dirname(realpathSync(which('npm')!)));
  cpSync(npmFolder, join(tree, 'npm'), { recursive: true, dereference: true });
  const archive = join(folder, 'base.tar');
  execFileSync('tar', ['-cf', archive, '-C', tree, '.']);
  execFileSync('docker', ['-H', engine.host, 'import', archive, 'node-base'], { stdio: 'ignore' });
}

/** Makes the registry answer at {@link relayUrl} in the engine's network namespace, by a socket from this one. */
async function relayed(engine: TestEngine, registry: string): Promise<AsyncDisposable> {
  const ca = configured('cafile');
  const options = ca && ca !== 'null' ? { ca: readFileSync(ca) } : {};
  const send = registry.startsWith('https:') ? secureRequest : plainRequest;
  const front = createServer((asked, answer) => {
    const target = new URL(asked.url!.slice(1), registry);
    const forwarded = send(target, options, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    forwarded.end();
  });
  const path = join(engine.directory, 'registry.sock');
  await new Promise<void>((resolve) => front.listen(path, resolve));
  const script = `const net = require('node:net');
    net.createServer((from) => {
      const to = net.connect(process.argv[1]);
      from.on('error', () => to.destroy()).pipe(to.on('error', () => from.destroy())).pipe(from);
    }).listen(4873, '127.0.0.1', () => console.log('up'))`;
  const relay = engine.spawnBeside(nodeBinary, '-e', script, path);
  await new Promise((resolve) => relay.stdout!.once('data', resolve));
  return {
    [Symbol.asyncDispose]: async () => {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

function temporary(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'hoist-project-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
