import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { importBusybox, root, startHoistd } from '../fixtures/engines.ts';

/** A client that is no docker: Docker's SDK for Python, which reads hijacked connections in its own way. */

const absent = spawnSync('python3', ['-c', 'import docker']).status !== 0;

test("Docker's SDK for Python", {
  skip: absent && 'not installed: the Python package docker',
}, async () => {
  await using engine = await startHoistd();
  importBusybox(engine);
  const script = join(root, 'test/fixtures/sdk.py');
  const output = execFileSync('python3', [script, engine.socket], { encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual(output.trim().split('\n'), [
    "True b'run\\n'",
    'running True',
    "ExecResult(exit_code=0, output=b'exec\\n') 4",
    "(b'a\\n', b'b\\n')",
    "b'1\\n2\\n3\\n'",
    "b'\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x06typed\\n'",
    "b'tick\\n' True",
    'True 3',
    "['sdk-image:1']",
    "137 ['/tmp', '/tmp/put.txt']",
    "['sdk-volume']",
    'NotFound',
    'ImageNotFound',
    'APIError',
    'ContainerError',
  ]);
});
