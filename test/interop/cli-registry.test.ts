import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Outcome } from '../differential/normalise.ts';
import { untilListening } from '../fixtures/docker-client.ts';
import { skipWithoutRegistry } from '../fixtures/registry.ts';
import { clients, type Pair, skip as skipPair, startPair } from './cli-pair.ts';

/** Logging in, pushing and pulling with `docker` and with `hoist`, each beside a registry that knows alice. */
const skip = skipPair || skipWithoutRegistry;
let pair: Pair;

before(async () => {
  if (skip !== false) return;
  pair = await startPair();
  for (const client of clients) {
    const folder = pair.work(client);
    mkdirSync(join(folder, 'registry'));
    writeFileSync(
      join(folder, 'users'),
      'alice:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n',
    );
    writeFileSync(
      join(folder, 'registry.json'),
      JSON.stringify({
        version: 0.1,
        log: { level: 'error', accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
        http: { addr: '127.0.0.1:5999' },
        auth: { htpasswd: { realm: 'test', path: join(folder, 'users') } },
      }),
    );
    // a credential helper that keeps one secret in a file and writes down what it is asked
    writeFileSync(
      join(folder, 'docker-credential-note'),
      `#!/bin/sh
input=$(cat); echo "$1 $input" >> "${folder}/asked"
case $1 in
  store) echo "$input" > "${folder}/secret" ;;
  get) if [ -f "${folder}/secret" ]; then cat "${folder}/secret"; else echo "credentials not found in native keychain"; exit 1; fi ;;
  erase) rm -f "${folder}/secret" ;;
esac
`,
    );
    chmodSync(join(folder, 'docker-credential-note'), 0o755);
    pair.engines[client].spawnBeside('docker-registry', 'serve', join(folder, 'registry.json'));
  }
  for (const client of clients) await untilListening(pair.engines[client], 5999);
});
after(() => pair?.[Symbol.asyncDispose]());

const steps: [string, string][] = [
  [
    'push without having logged in',
    'docker tag busybox 127.0.0.1:5999/team/box:1; docker push 127.0.0.1:5999/team/box:1',
  ],
  ['pull without having logged in', 'docker pull 127.0.0.1:5999/team/box:1'],
  ['log in with a wrong password', 'echo wrong | docker login -u alice --password-stdin 127.0.0.1:5999'],
  [
    'log in',
    'echo secret | docker login -u alice --password-stdin 127.0.0.1:5999; cat "$DOCKER_CONFIG/config.json"; stat -c %a "$DOCKER_CONFIG/config.json"',
  ],
  ['log in again', 'docker login 127.0.0.1:5999 </dev/null'],
  ['log in with --password', 'docker login -u alice -p secret 127.0.0.1:5999'],
  ['push', 'docker push 127.0.0.1:5999/team/box:1'],
  ['push again', 'docker push 127.0.0.1:5999/team/box:1'],
  ['push without a tag', 'docker tag busybox 127.0.0.1:5999/team/box; docker push 127.0.0.1:5999/team/box'],
  ['push quietly', 'docker push -q 127.0.0.1:5999/team/box:1'],
  ['push all tags', 'docker push -a -q 127.0.0.1:5999/team/box'],
  ['push what is not here', 'docker push 127.0.0.1:5999/team/nosuch'],
  ['pull what is here', 'docker pull 127.0.0.1:5999/team/box:1'],
  ['pull without a tag', 'docker pull 127.0.0.1:5999/team/box'],
  ['pull quietly', 'docker pull -q 127.0.0.1:5999/team/box:1'],
  ['pull all tags', 'docker pull -a -q 127.0.0.1:5999/team/box'],
  ['pull an unknown tag', 'docker pull 127.0.0.1:5999/team/box:nosuch'],
  [
    'pull by digest',
    'docker pull -q "$(docker images --digests --format "{{.Repository}}@{{.Digest}}" | grep -v none | grep 5999 | head -n 1)"',
  ],
  [
    'rmi by every name, and pull anew',
    'docker images -q 127.0.0.1:5999/team/box | sort -u | wc -l; docker rmi -f $(docker images -q | sort -u) >/dev/null; docker pull 127.0.0.1:5999/team/box:1',
  ],
  [
    'run pulls what is missing',
    'docker rmi -f $(docker images -q | sort -u) >/dev/null; docker run --rm 127.0.0.1:5999/team/box:1 echo ran',
  ],
  ['run --pull always', 'docker run --rm --pull always 127.0.0.1:5999/team/box:1 echo ran'],
  [
    'run -q',
    'docker rmi -f $(docker images -q | sort -u) >/dev/null; docker run --rm -q 127.0.0.1:5999/team/box:1 echo ran',
  ],
  [
    'create pulls what is missing',
    'docker rmi -f $(docker images -q | sort -u) >/dev/null; docker create --name made 127.0.0.1:5999/team/box:1 true; docker rm made',
  ],
  [
    'log out',
    'docker logout 127.0.0.1:5999; cat "$DOCKER_CONFIG/config.json"; docker pull 127.0.0.1:5999/team/box:nosuch',
  ],
  [
    'a credential helper',
    `echo '{"credsStore":"note"}' > "$DOCKER_CONFIG/config.json"; echo secret | docker login -u alice --password-stdin 127.0.0.1:5999; cat "$DOCKER_CONFIG/config.json"; docker pull -q 127.0.0.1:5999/team/box:1; docker logout 127.0.0.1:5999; sed "s/[{}]//g" asked | sort -u`,
  ],
  [
    'a helper for one registry',
    `echo '{"credHelpers":{"127.0.0.1:5999":"note"}}' > "$DOCKER_CONFIG/config.json"; echo secret | docker login -u alice --password-stdin 127.0.0.1:5999; docker pull -q 127.0.0.1:5999/team/box:1; docker logout 127.0.0.1:5999`,
  ],
  [
    'a helper that is not there',
    `echo '{"credsStore":"nosuch"}' > "$DOCKER_CONFIG/config.json"; docker pull -q 127.0.0.1:5999/team/box:1`,
  ],
];

for (const [name, script] of steps) {
  test(`hoist says what docker says: ${name}`, { skip }, () => {
    assert.deepEqual(steady(pair.run('hoist', script)), steady(pair.run('docker', script)));
  });
}

/** Without the line that a quick daemon leaves out. */
function steady(outcome: Outcome): Outcome {
  const clean = (text: string) => text.replace(/^.*: Verifying Checksum\n/gm, '');
  return { ...outcome, stdout: clean(outcome.stdout), stderr: clean(outcome.stderr) };
}
