import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { clientOf, until } from '../fixtures/docker-client.ts';
import { importBusybox, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';

/** A daemon that is killed while a running container joins or leaves a network, and what the next one makes of it. */
const missing = ['docker', 'busybox', 'ip'].find((program) => !which(program));
const skip = missing === undefined ? false : `not installed: ${missing}`;
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startHoistd();
  importBusybox(engine);
  docker('network', 'create', '--subnet', '10.1.0.0/24', 'alpha');
  docker('network', 'create', '--subnet', '10.2.0.0/24', 'beta');
});
after(async () => engine?.[Symbol.asyncDispose]());

function docker(...args: string[]): string {
  const { code, out, err } = clientOf(engine)(...args);
  assert.equal(code, 0, `docker ${args.join(' ')}: ${err}`);
  return out.trim();
}

/** Everything that must agree: record, interfaces, default route, /etc/hosts, ports, the host's links. */
function found(): object {
  const inside = (...command: string[]) => docker('exec', 'web', ...command);
  const networks = JSON.parse(docker('inspect', '-f', '{{json .NetworkSettings.Networks}}', 'web')) as Record<
    string,
    { IPAddress: string }
  >;
  return {
    recorded: Object.entries(networks).map(([name, { IPAddress }]) => `${name} ${IPAddress}`),
    has: inside('ip', '-o', '-4', 'addr')
      .match(/10\.\d\.0\.\d+(?=\/24)/g)
      ?.toSorted(),
    route: /via (\S+)/.exec(inside('ip', 'route'))?.[1],
    hosts: inside('cat', '/etc/hosts')
      .match(/^10\.\d\.0\.\d+/gm)
      ?.toSorted(),
    links: engine.beside('ip', '-o', 'link', 'show', 'type', 'veth').split('\n').length - 1,
  };
}

/** `web` on `beta`, and on `alpha` too, which then gives the default route. */
const onBeta = {
  recorded: ['beta 10.2.0.2'],
  has: ['10.2.0.2'],
  route: '10.2.0.1',
  hosts: ['10.2.0.2'],
  links: 1,
};
const onBoth = {
  recorded: ['alpha 10.1.0.2', 'beta 10.2.0.2'],
  has: ['10.1.0.2', '10.2.0.2'],
  route: '10.1.0.1',
  hosts: ['10.1.0.2', '10.2.0.2'],
  links: 2,
};

async function published(): Promise<void> {
  await until('the published port', () => {
    try {
      return engine.beside('busybox', 'wget', '-qO-', 'http://127.0.0.1:18080/name').trim() === 'web';
    } catch {
      return false;
    }
  });
}

function start(...networks: string[]): void {
  docker('run', '-d', '--name', 'web', '--network', 'beta', '-p', '18080:80', 'busybox', 'sleep', '1000');
  for (const network of networks) docker('network', 'connect', network, 'web');
  docker('exec', 'web', 'sh', '-c', 'echo web > /name; httpd -p 80 -h /');
}

const points: readonly [verb: 'connect' | 'disconnect', point: string][] = [
  ['connect', 'container.networks:recorded'],
  ['connect', 'network.connect.recorded'],
  ['connect', 'network.connect.linked'],
  ['connect', 'network.connect.followed'],
  ['disconnect', 'container.networks:recorded'],
  ['disconnect', 'network.disconnect.recorded'],
  ['disconnect', 'network.disconnect.unlinked'],
];
for (const [verb, point] of points)
  test(`killed at ${point} of ${verb}: the next daemon finishes it`, { skip }, async () => {
    start(...(verb === 'disconnect' ? ['alpha'] : []));
    const pid = docker('inspect', '-f', '{{.State.Pid}}', 'web');
    assert.deepEqual(found(), verb === 'disconnect' ? onBoth : onBeta);
    await engine.restart({ HOIST_CRASH_AT: point });
    assert.notEqual(clientOf(engine)('network', verb, 'alpha', 'web').code, 0);
    await engine.restart({});
    assert.deepEqual(found(), verb === 'connect' ? onBoth : onBeta);
    assert.equal(docker('inspect', '-f', '{{.State.Pid}}', 'web'), pid);
    await published();
    docker('network', verb === 'connect' ? 'disconnect' : 'connect', 'alpha', 'web');
    assert.deepEqual(found(), verb === 'connect' ? onBeta : onBoth);
    await published();
    docker('rm', '-f', 'web');
    docker('network', 'inspect', 'alpha', 'beta');
  });

test('a link that has gone while no daemon was there is made again', { skip }, async () => {
  start('alpha');
  await engine.kill();
  const [link = ''] = engine.beside('ip', '-o', 'link', 'show', 'type', 'veth').match(/veth\w+/) ?? [];
  engine.beside('ip', 'link', 'delete', link);
  await engine.restart({});
  assert.deepEqual(found(), onBoth);
  await published();
  docker('rm', '-f', 'web');
});

test('joining and leaving while the container ends leaves nothing', { skip }, async () => {
  const rounds = ['0', '0.02', '0.05', '0.1'];
  for (const pause of rounds) {
    start();
    const script = `(docker kill web & sleep ${pause}; docker network connect alpha web; docker network disconnect beta web; wait) 2>&1`;
    const { status } = spawnSync('timeout', ['30', 'sh', '-c', script], {
      env: { ...process.env, DOCKER_HOST: engine.host },
    });
    assert.notEqual(status, 124);
    await until('the links are gone', () => engine.beside('ip', '-o', 'link', 'show', 'type', 'veth') === '');
    docker('start', 'web');
    const { recorded, has, hosts } = found() as typeof onBoth;
    assert.deepEqual(has, recorded.map((text) => text.split(' ')[1]).toSorted(), pause);
    assert.deepEqual(hosts, has, pause);
    docker('rm', '-f', 'web');
  }
  docker('network', 'rm', 'alpha', 'beta');
});
