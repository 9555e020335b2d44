import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTaskBench } from '../fixtures/tasks.ts';

test('echo prints and ends', async () => {
  await using bench = openTaskBench();
  const { exitCode, stdout, stderr } = await bench.run({ args: ['echo', 'hello'] });
  assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: 'hello\n', stderr: '' });
});
