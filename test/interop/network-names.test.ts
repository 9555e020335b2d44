import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Outcome } from '../differential/normalise.ts';
import { scriptOutcome } from '../differential/script-outcome.ts';
import {
  importBusybox,
  root,
  startDockerd,
  startHoistd,
  type TestEngine,
  which,
} from '../fixtures/engines.ts';

/** Containers call one another by name, and the world: the same questions in our daemon and in dockerd. */

const missing = ['dockerd', 'docker', 'docker-compose', 'busybox', 'getent'].find(
  (program) => !which(program),
);
const skip = missing === undefined ? false : `not installed: ${missing}`;
const directory = mkdtempSync(join(tmpdir(), 'names-'));
const sides = ['dockerd', 'hoistd'] as const;
type Side = (typeof sides)[number];
const engines = new Map<Side, TestEngine>();

before(async () => {
  if (skip !== false) return;
  for (const side of sides) {
    const engine = await (side === 'dockerd' ? startDockerd() : startHoistd());
    engines.set(side, engine);
    importBusybox(engine);
    const folder = join(directory, side, 'project');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'docker-compose.yml'), project);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM busybox\nRUN wget -qO- http://server/etc/word\n');
    const server = engine.spawnBeside(process.execPath, join(root, 'test/fixtures/names-server.ts'));
    await once(server.stdout!, 'data');
  }
});

after(async () => {
  for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const project = `
version: '3.8'
services:
  web:
    image: busybox
    command: httpd -f -p 80 -h /etc
    networks: {inner: {aliases: [site]}}
    stop_grace_period: 0s
  client:
    image: busybox
    command: sleep 1000
    networks: [inner]
    links: ['web:shop']
    depends_on: [web]
    stop_grace_period: 0s
networks: {inner: {ipam: {config: [{subnet: 10.94.0.0/24}]}}}
`;

/**
 * What scripts call. The server of names is at the gateway of each network. \`ask\` is busybox's nslookup, its answers sorted;
 * \`host\` is the C library of Debian, on the folders of this machine, as the container's own programs would have it.
 */
const prelude = `
sub() { docker network create --subnet 10.$1.0.0/24 $3 $2 >/dev/null; }
run() { name=$1; shift; docker run -d --name $name "$@" busybox sleep 1000 >/dev/null; }
conf() { docker exec $1 cat /etc/resolv.conf | sort; }
ask() { c=$1; shift; docker exec $c timeout 12 nslookup "$@" 2>&1 | grep -v '^$\\|^Server\\|^Non-auth\\|^Address:.*:53' | sort | uniq; }
libs="-v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v /bin:/hostbin:ro"
host() { c=$1; shift; docker exec $c timeout 12 /usr/bin/getent "$@" | sed 's/  */ /g' | sort; }
short() { docker inspect -f '{{.Id}}' $1 | cut -c1-12; }
`;

/** In order: each goes on where the one before it ended. */
const steps: readonly [name: string, script: string][] = [
  [
    'networks',
    'sub 81 front; sub 82 Back; sub 83 apart --internal; d="--dns 10.81.0.1"; run one $d --network front --network-alias svc --network-alias a.b; run two $d --network front --network-alias svc $libs; run lone; run inner --network apart; run far --dns 10.82.0.1 --network Back --network-alias Far2',
  ],
  [
    'resolv.conf',
    `for c in one lone inner; do conf $c; done; run opts --network front --dns-search a.org --dns-search b.org --dns-option timeout:3 --dns-option edns0; conf opts; docker rm -f opts; run opts --network front --dns-option ndots:3 --dns-search .; conf opts; docker rm -f opts`,
  ],
  ['names', 'ask two one; ask one two; ask one one; ask two one.front; ask one two.front.'],
  ['in other letters', 'ask two ONE; ask two SVC'],
  ['a network in other letters', 'ask two one.FRONT'],
  ['aliases', 'ask two svc; ask one svc.front; ask two a.b; ask two a.b.front'],
  ['ids', 'ask two $(short one); ask two $(short two).front'],
  ['pointers', 'ask two 10.81.0.2; ask two -type=ptr 3.0.81.10.in-addr.arpa'],
  ['addresses of IPv6, and mail', 'ask two -type=aaaa one; ask two -type=mx one'],
  ['names of other networks', 'ask two far; ask two lone; ask two far.Back; ask two nowhere'],
  ['the world from an internal network', 'ask inner ext.example'],
  [
    'the world',
    'ask two ext.example; ask two long.example; ask two nowhere.example; ask two -type=aaaa ext.example',
  ],
  [
    'by the C library of Debian',
    'host two ahosts one; host two hosts svc; host two hosts 10.81.0.2; host two ahostsv4 ext.example; host two ahostsv4 long.example | wc -l; host two hosts nowhere.example; echo $?',
  ],
  [
    'renamed',
    'docker rename one first; ask two first; ask two one; ask two 10.81.0.2; docker rename first one',
  ],
  [
    'joins',
    'docker network connect --alias later front lone; conf lone; ask lone one; ask two lone; ask two later.front; ask lone 10.81.0.3',
  ],
  ['leaves', 'docker network disconnect front lone; conf lone; ask two lone; ask two later'],
  [
    'on two networks',
    'docker network connect Back two; ask two far; ask two far.Back; ask far two; ask far one; ask two Far2',
  ],
  [
    'links of a network',
    'run linked --network front --dns 10.81.0.1 --link one:uno; ask linked uno; ask linked uno.front; ask two uno',
  ],
  [
    'the network of another',
    'run shared --network container:two; conf shared; ask shared one; ask shared ext.example',
  ],
  [
    'stopped, and started again',
    'docker stop -t 0 one; ask two one; ask two svc; docker start one; ask two one; ask one two; docker restart -t 0 two; ask two one',
  ],
  [
    'it may listen on port 53 itself',
    'docker exec -d two nc -l -p 53 -e echo by two; sleep 0.3; docker exec two sh -c "nc 127.0.0.1 53 </dev/null"; ask two one',
  ],
  ['removed', 'docker rm -f one linked >/dev/null; ask two one; ask two svc'],
  [
    'a step of a build',
    'docker run -d --name server --network front busybox sh -c "echo built > /etc/word; exec httpd -f -p 80" >/dev/null; DOCKER_BUILDKIT=0 docker build -q --network front project >/dev/null && echo built',
  ],
  [
    'compose up',
    'cd project; docker-compose up -d 2>&1 | sort; docker-compose exec -T client wget -qO- http://web/hostname | wc -c; docker-compose exec -T client wget -qO- http://site/hostname | wc -c; docker-compose exec -T client wget -qO- http://project_web_1/hostname | wc -c; docker-compose exec -T client wget -qO- http://shop/hostname | wc -c; docker-compose exec -T web nslookup client | grep -c "^Address: 10"; docker-compose exec -T client cat /etc/resolv.conf',
  ],
  [
    'compose up --scale',
    'cd project; docker-compose up -d --scale web=3 2>&1 | sort; docker-compose exec -T client nslookup web | grep -c "^Address: 10"; docker-compose down 2>&1 | sort',
  ],
];

/** Steps that come out otherwise, on purpose, and why. */
const differences: Readonly<Record<string, string>> = {
  'a network in other letters':
    'names are the same in small and capital letters: dockerd has it so for containers alone',
  'the world from an internal network':
    'nothing is forwarded, and that is said at once, as dockerd 28 has it: dockerd 20.10 tries, and lets its clients wait',
};

const outcome = (side: Side, script: string): Promise<Outcome> =>
  scriptOutcome(`${prelude}\n${script}`, {
    folder: join(directory, side),
    env: { DOCKER_HOST: engines.get(side)!.host, DOCKER_API_VERSION: '1.41' },
  });

for (const [name, script] of steps)
  test(`names of containers: ${name}`, { skip }, async () => {
    const [theirs, ours] = await Promise.all(sides.map((side) => outcome(side, script)));
    if (name in differences) assert.notDeepEqual(ours, theirs, `the same: ${differences[name]}`);
    else assert.deepEqual(ours, theirs);
  });
