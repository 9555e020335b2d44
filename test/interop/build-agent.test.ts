import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { importBusybox, root, slowness, startHoistd, which } from '../fixtures/engines.ts';

/** A step speaks to an agent on the client's side, and what was built comes back, while the build is open. */

const skip = which('cc') ? false : 'not installed: cc';

test('hoist build with an agent and an output', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hoist-agent-'));
  const context = join(directory, 'context');
  mkdirSync(context);
  const source = join(root, 'test/fixtures/agent-client.c');
  assert.equal(spawnSync('cc', ['-static', '-O1', '-o', join(context, 'ask'), source]).status, 0);
  const dockerfile = 'FROM busybox\nCOPY ask /\nRUN --mount=type=ssh /ask one >> /said; /ask two >> /said\n';
  writeFileSync(join(context, 'Dockerfile'), dockerfile);
  const socket = join(directory, 'agent');
  const agent = createServer({ allowHalfOpen: true }, (connection) => {
    connection.once('data', (bytes) => connection.end(`heard ${bytes}`));
  }).listen(socket);
  const engine = await startHoistd();
  try {
    importBusybox(engine);
    const output = join(directory, 'out.tar');
    const args = ['build', '--ssh', `default=${socket}`, '-o', `type=tar,dest=${output}`, context];
    const client = spawn(join(root, 'bin/hoist'), ['-H', engine.host, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 60_000 * slowness,
    });
    const [err] = await Promise.all([text(client.stderr), once(client, 'close')]);
    assert.equal(client.exitCode, 0, err);
    const said = spawnSync('tar', ['-xOf', output, 'said'], { encoding: 'utf8' });
    assert.equal(said.stdout, 'heard one\nheard two\n', said.stderr);
    assert.doesNotMatch(engine.log(), /MaxListenersExceededWarning/);
  } finally {
    agent.close();
    await engine[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  }
});
