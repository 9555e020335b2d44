import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { normalise, type Outcome } from '../differential/normalise.ts';
import { scriptOutcome } from '../differential/script-outcome.ts';
import { untilListening } from '../fixtures/docker-client.ts';
import { importBusybox, startDockerd, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';
import { formDifferences, forms, servedFiles } from './docker-build-forms.ts';

/** `docker build` in each of its forms, without BuildKit: what it prints, its exit code, and what came of it. */

const missing = ['docker', 'dockerd', 'busybox', 'git', 'curl'].find((program) => !which(program));
const skip = missing === undefined ? false : `not installed: ${missing}`;

const names = ['hoistd', 'dockerd'] as const;
const directory = mkdtempSync(join(tmpdir(), 'build-forms-'));
const engines = new Map<string, TestEngine>();

before(async () => {
  if (skip !== false) return;
  for (const name of names) {
    const engine = await (name === 'hoistd' ? startHoistd() : startDockerd());
    engines.set(name, engine);
    importBusybox(engine);
    mkdirSync(join(directory, name, 'config'), { recursive: true });
  }
  const served = join(directory, 'served');
  mkdirSync(served);
  const made = spawnSync('sh', ['-ec', servedFiles], { cwd: served, encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  for (const engine of engines.values()) {
    engine.spawnBeside('busybox', 'httpd', '-f', '-p', '127.0.0.1:8000', '-h', served);
    await untilListening(engine, 8000);
  }
});

after(async () => {
  for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Of a script that has a folder of its own, and `/served` in its daemon's network at port 8000. */
function outcome(engine: TestEngine, script: string, at: number): Promise<Outcome> {
  const folder = join(directory, engine.name, String(at));
  mkdirSync(folder);
  return scriptOutcome(`${preamble}\n${script}`, {
    folder,
    env: {
      ...{ DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0', TZ: 'UTC' },
      ...{ DOCKER_CONFIG: join(directory, engine.name, 'config'), SERVED: join(directory, 'served') },
      ...{ SOCKET: engine.socket, PID: String(engine.pid) },
    },
    plain: (said) => told(normalise(said.replaceAll(engine.directory, 'ENGINE'), folder)),
  });
}

/** `dockerfile` writes one of these lines; `post QUERY` sends what it is given as the context. */
const preamble = `
dockerfile() { printf '%s\\n' "$@" > Dockerfile; }
post() { curl -s --unix-socket "$SOCKET" -X POST -H 'Content-Type: application/x-tar' "$@"; }
`;

/**
 * Today's words for what dockerd 20.10 said otherwise, and nothing of what differs from run to run: names of temporary
 * files, and sums of files whose times differ.
 */
const told = (said: string): string =>
  said
    .replace(/^Removing intermediate/gm, ' ---> Removed intermediate')
    .replace(/(?<="stream":")Removing intermediate/g, ' ---> Removed intermediate')
    .replaceAll('\\u003e', '>')
    .replace(/dockerfile parse error (on )?line/g, 'dockerfile parse error on line')
    .replace(/(?<=unknown instruction: )\w+/g, (word) => word.toUpperCase())
    .replace(/"progress":"[^"]*",|^\{\}\r?\n/gm, '')
    .replace(/\b(invalid)(?= (signal|containerPort|filter)\b)/gi, 'invalid')
    .replace(/Downloading build context from remote url: [^\r\n]*\r?/g, '')
    // with the name of a Dockerfile of the client's own
    .replace(/(?<=Sending build context to Docker daemon ) *[\d.]+k?B/g, ' SIZE')
    .replaceAll('failed to create task for container: ', '')
    .replace(/repository name (\(\S+\) )?must be lowercase/g, 'repository name must be lowercase')
    .replace(/(docker-builder|docker-build-git|docker-build-context-)\d+/g, '$1')
    .replace(/(file|dir|multi):([0-9a-f]{16}…|ID)/g, '$1:ID');

for (const [at, { name, script }] of forms.entries()) {
  test(`docker build as ever: ${name}`, { skip }, async () => {
    const both = names.map((engine) => outcome(engines.get(engine)!, script, at));
    const [ours, theirs] = await Promise.all(both);
    if (name in formDifferences)
      assert.notDeepEqual(ours, theirs, `listed as a difference, yet the same: ${formDifferences[name]}`);
    else assert.deepEqual(ours, theirs);
  });
}

test('every listed difference is a form', () => {
  const all = new Set(forms.map(({ name }) => name));
  assert.deepEqual(
    Object.keys(formDifferences).filter((name) => !all.has(name)),
    [],
  );
});
