import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { EngineError, kindOf, messageOf, notFound } from './errors.ts';
import { createLog } from './log.ts';
import { replaceFile } from './replace-file.ts';
import { undone } from './undo.ts';

test('notFound has the wording that Docker has', () => {
  const error = notFound('container', 'web');
  assert.equal(error.message, 'No such container: web');
  assert.equal(error.kind, 'notFound');
});

test('any thrown value has a kind and a message', () => {
  assert.equal(kindOf(new TypeError('x')), 'internal');
  assert.equal(kindOf(new DOMException('x', 'AbortError')), 'cancelled');
  assert.equal(kindOf(new EngineError('conflict', 'x')), 'conflict');
  assert.equal(messageOf('text'), 'text');
});

test('a log line is a fixed message and quoted fields', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', write: (line) => lines.push(line), now: () => new Date(0) });
  log.debug('unseen');
  log.warn('container exited', { id: 'abc', exitCode: 1, why: 'two words\n' });
  assert.deepEqual(lines, [
    'time=1970-01-01T00:00:00.000Z level=warn msg="container exited" id=abc exitCode=1 why="two words\\n"\n',
  ]);
});

test('replaceFile leaves one file with the new content and mode', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replace-'));
  const path = join(folder, 'record');
  await replaceFile(path, 'old');
  await replaceFile(path, 'new', { mode: 0o644 });
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o644);
  await assert.rejects(replaceFile(join(folder, 'nowhere/record'), 'x'), { code: 'ENOENT' });
  assert.deepEqual(readdirSync(folder), ['record']);
  rmSync(folder, { recursive: true });
});

test('an undo runs once, newest first', async () => {
  const order: string[] = [];
  {
    await using stack = new AsyncDisposableStack();
    const cgroup = stack.use(undone(() => void order.push('cgroup')));
    stack.use(undone(() => void order.push('mount')));
    await cgroup[Symbol.asyncDispose]();
  }
  assert.deepEqual(order, ['cgroup', 'mount']);
});

test('a crash point kills the process that was told to crash there, and no other', () => {
  const script = `import { crashPoint } from ${JSON.stringify(join(import.meta.dirname, 'crash-point.ts'))};
    crashPoint('start:mounted'); console.log('survived');`;
  const run = (at: string | undefined) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, HOIST_CRASH_AT: at },
      encoding: 'utf8',
    });
  assert.equal(run('start:mounted').signal, 'SIGKILL');
  assert.equal(run('start:created').stdout, 'survived\n');
  assert.equal(run(undefined).stdout, 'survived\n');
});
