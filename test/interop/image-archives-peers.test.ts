import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { installed, startDockerd, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { tarOf } from '../fixtures/images.ts';

const missing = ['docker', 'dockerd', 'nsenter', 'zstd'].filter((program) => !installed(program));
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;

test('what one engine saves the other loads, ids and names the same', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-peers-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'root.tar'), tarOf({ 'bin/tool': 'x'.repeat(1000) }));
  const dockerd = undo.use(await startDockerd({ arguments: ['--bridge', 'none'] }));
  const hoistd = undo.use(await startHoistd({ arguments: ['--bridge', 'none'] }));
  const on = (engine: TestEngine, script: string): string =>
    execFileSync('bash', ['-euc', script], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DOCKER_HOST: engine.host },
    });
  const names = 'base:1 two:1 three:1';
  const ids = `for name in ${names}; do docker image inspect -f '{{.Id}} {{.RootFS.Layers}} {{json .Config.Env}}' $name; done`;

  for (const [from, to] of [
    [dockerd, hoistd],
    [hoistd, dockerd],
  ] as const) {
    // Two images that share a layer, one of them under two names.
    on(
      from,
      "docker import -c 'ENV A=1' root.tar base:1; docker create --name one base:1 tool; docker cp root.tar one:/new",
    );
    on(from, 'docker commit one two:1; docker tag two:1 three:1; docker rm one');
    const saved = on(from, ids);
    on(from, `docker save ${names} -o plain.tar; gzip -kf plain.tar; zstd -qf plain.tar -o plain.tar.zst`);
    for (const archive of ['plain.tar', 'plain.tar.gz', ...(to.name === 'hoistd' ? ['plain.tar.zst'] : [])]) {
      const loaded = on(to, `docker load -q -i ${archive}`).trim().split('\n').sort();
      assert.deepEqual(
        loaded,
        ['Loaded image: base:1', 'Loaded image: three:1', 'Loaded image: two:1'],
        archive,
      );
      assert.equal(on(to, ids), saved, archive);
      on(to, `docker rmi -f ${names}`);
    }
    on(from, `docker rmi -f ${names}`);
  }
});
