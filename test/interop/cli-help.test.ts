import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { installed, root } from '../fixtures/engines.ts';
import { helpCommands } from './cli-steps.ts';

/** The help texts of both clients, beside a daemon of the newest API: for older ones docker hides flags. */
const skip = installed('docker') ? false : 'docker is not installed';
const folder = mkdtempSync(join(tmpdir(), 'help-'));
const socket = join(folder, 'engine.sock');
const server = createServer((_, response) => {
  response.setHeader('Api-Version', '1.51').setHeader('OSType', 'linux').end('OK');
});

before(() => new Promise<void>((resolve) => server.listen(socket, resolve)));
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

async function help(program: string, command: string): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: folder };
  const child = spawn(program, [...command.split(' '), '--help'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes) => (text += bytes));
  await new Promise((resolve) => child.on('close', resolve));
  return text;
}

/** Flags that only one of the two has: `run --steps` is ours; a tree of images and the socket of the API are not there yet. */
const onlyOne = /^ {6}--(steps|tree|use-api-socket)\b.*\n(?: {20,}.*\n)*/gm;

/** Words in which the two differ. */
const inOurWords = (text: string) =>
  text
    .replace(/\bdocker\b(?!\.com)/g, 'hoist')
    .replaceAll('on Docker objects', 'on Hoist objects')
    .replace(/Show (the )?Docker/g, 'Show $1Hoist');

for (const command of helpCommands) {
  test(`helps as docker does: ${command}`, { skip }, async () => {
    const ours = (await help(join(root, 'bin/hoist'), command)).replace(onlyOne, '');
    assert.equal(ours, inOurWords(await help('docker', command)).replace(onlyOne, ''));
  });
}
