import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** Networks that containers join and leave: our daemon under `docker` and under `hoist`, beside dockerd. */

const missing = ['dockerd', 'docker', 'busybox', 'curl'].find((program) => !which(program));
const skip = missing === undefined ? false : `not installed: ${missing}`;
const directory = mkdtempSync(join(tmpdir(), 'connect-'));
const sides = ['dockerd', 'hoistd', 'hoist'] as const;
type Side = (typeof sides)[number];
const engines = new Map<Side, TestEngine>();

before(async () => {
  if (skip !== false) return;
  for (const side of sides) {
    const engine = await (side === 'dockerd' ? startDockerd() : startHoistd());
    engines.set(side, engine);
    importBusybox(engine);
    mkdirSync(join(directory, side));
  }
  // a script calls `docker`: this one is ours
  const ours = join(directory, 'hoist/docker');
  writeFileSync(ours, `#!/bin/sh\nexec "${join(root, 'bin/hoist')}" "$@"\n`);
  chmodSync(ours, 0o755);
});

after(async () => {
  for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/**
 * What scripts call. Interfaces have no number, since dockerd gives none a second time; an internal network (10.83) has no
 * gateway, which dockerd 20.10 shows all the same. `PID` is a process in the network of the engine.
 */
const prelude = `
sub() { docker network create --subnet 10.$1.0.0/24 $3 $2 >/dev/null; }
new() { name=$1; shift; docker create --name $name "$@" busybox sleep 1000 >/dev/null; }
run() { new "$@"; docker start $1; }
nets() { docker inspect -f '{{range $n, $e := .NetworkSettings.Networks}}{{$n}} {{$e.IPAddress}}/{{$e.IPPrefixLen}} by {{$e.Gateway}} {{$e.MacAddress}} {{json $e.Aliases}} {{json $e.Links}} {{json $e.IPAMConfig}}; {{end}}' $1 | sed 's/, *"[0-9a-f]\\{12\\}"//; s/\\["[0-9a-f]\\{12\\}"\\]/[]/g; s/null/[]/g; s/{}/[]/g; s/by 10.83.0.1 /by  /'; }
inside() { docker exec $1 sh -c 'ip -o -4 addr | awk "{print \\$2,\\$4}" | sort -k2; ip route' | sed 's/eth[0-9]*/ethN/; s/ *$//'; }
hosts() { docker exec $1 cat /etc/hosts | grep -v '^[0-9a-f]*:\\|localhost' | sort; }
on() { docker network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}} {{.MacAddress}};{{end}}' $1; }
reach() { nsenter --net=/proc/$PID/ns/net busybox timeout 5 busybox wget -qO- http://127.0.0.1:$1/etc/hostname >/dev/null 2>&1 && echo reached || echo not reached; }
api() { curl -s --unix-socket $SOCKET -X POST -H 'Content-Type: application/json' -d "$2" -w ' %{http_code}' http://d/v1.41/networks/$1 | tr -d '\\n'; echo; }
`;

/** In order: each goes on where the one before it ended. */
const steps: readonly [name: string, script: string][] = [
  ['networks', 'sub 81 alpha; sub 82 beta; sub 83 apart --internal; docker network create chosen | wc -c'],
  ['created', 'new web --network beta --network-alias w; nets web; on beta'],
  ['leave the default network', 'docker network disconnect beta web; nets web'],
  [
    'leave it twice',
    'docker network disconnect beta web; docker network disconnect -f beta web; api beta/disconnect \'{"Container":"web"}\'',
  ],
  ['join it anew', 'docker network connect --alias one --alias two --ip 10.82.0.77 beta web; nets web'],
  ['join it again before the start', 'docker network connect --alias three beta web; nets web'],
  [
    'join another',
    'docker network connect apart web; nets web; docker network inspect -f "{{len .Containers}}" apart',
  ],
  ['start', 'docker start web; nets web; inside web; hosts web; on beta; on apart'],
  [
    'ps',
    // the client has networks in no order
    `docker ps --format '{{.Names}} {{.Networks}}' | while read -r name networks; do
       echo "$name" $(echo "$networks" | tr , '\\n' | sort)
     done
     docker ps -q -f network=apart | wc -l; docker ps -q -f network=alpha | wc -l`,
  ],
  ['in use', 'docker network rm apart 2>&1 | sed "s/network apart .*/network apart/"'],
  ['join while it runs', 'docker network connect alpha web; nets web; inside web; hosts web; on alpha'],
  ['join twice', 'docker network connect alpha web; api alpha/connect \'{"Container":"web"}\''],
  ['join bridge', 'docker network connect bridge web; nets web; inside web; hosts web'],
  [
    'a peer reaches it',
    'run peer --network alpha; docker exec web sh -c "httpd -p 80 -h /etc; echo served"; docker exec peer wget -qO- http://10.81.0.2/hostname | wc -l',
  ],
  [
    'leave the network of the default route',
    'docker network disconnect alpha web; nets web; inside web; on alpha',
  ],
  ['leave bridge', 'docker network disconnect bridge web; nets web; inside web'],
  [
    'by the beginning of an id',
    'docker network connect $(docker network inspect -f "{{.Id}}" alpha | cut -c1-20) web; nets web; docker network disconnect $(docker network inspect -f "{{.Id}}" alpha) $(docker inspect -f "{{.Id}}" web); nets web',
  ],
  [
    'stop and start',
    'docker stop -t 0 web; nets web; docker inspect -f "{{range .NetworkSettings.Networks}}{{len .NetworkID}} {{end}}" web; on beta; docker start web; nets web; inside web; hosts web',
  ],
  ['restart', 'docker restart -t 0 web; nets web; inside web'],
  [
    'while it is paused',
    'docker pause web; docker network connect alpha web; docker network disconnect apart web; docker unpause web; nets web; inside web',
  ],
  [
    'once it has stopped',
    'docker stop -t 0 web; docker network connect bridge web; docker network disconnect alpha web; nets web; docker start web; nets web',
  ],
  [
    'taken, or out of the subnet',
    'run tried --network beta; for ip in 10.81.0.3 10.81.0.1 10.81.0.255 10.99.0.1; do docker network connect --ip $ip alpha tried; done; inside tried; docker rm -f tried',
  ],
  [
    'addresses that no network gives',
    'docker network connect --ip 172.30.0.9 chosen web; docker network connect --ip6 fd00::9 alpha web; docker network disconnect bridge web; docker network connect --ip 172.17.0.9 bridge web; docker network connect --alias a bridge web',
  ],
  [
    'host and none',
    'docker network connect host web; docker network connect none web; docker network disconnect host web; docker network disconnect none web',
  ],
  [
    'unknown',
    'docker network connect nosuch web; docker network disconnect nosuch web; docker network disconnect -f nosuch web; docker network connect alpha nosuch; docker network disconnect alpha nosuch; docker network disconnect -f alpha nosuch',
  ],
  [
    'in the network of the host',
    'run hosted --network host; docker network connect alpha hosted; docker network disconnect host hosted; nets hosted | cut -d" " -f1',
  ],
  [
    'in the network of another',
    'run shared --network container:web; docker network connect alpha shared; docker network disconnect beta shared; nets shared',
  ],
  [
    'without a network',
    'run lonely --network none; docker network connect alpha lonely; docker network disconnect none lonely; nets lonely; docker network connect alpha lonely; nets lonely; inside lonely',
  ],
  [
    'left alone',
    'docker network disconnect alpha lonely; nets lonely; inside lonely; docker restart -t 0 lonely; nets lonely',
  ],
  ['links', 'docker network connect --link peer:p alpha lonely; nets lonely; inside lonely'],
  [
    'a published port',
    'run pub -p 18080:80 --network apart; docker port pub; docker exec pub httpd -p 80 -h /; reach 18080; docker network connect beta pub; docker port pub; reach 18080',
  ],
  [
    'moves',
    'docker network connect alpha pub; docker port pub; inside pub; reach 18080; docker network disconnect alpha pub; reach 18080',
  ],
  [
    'moves to an internal network',
    'docker network disconnect beta pub; docker port pub; reach 18080; docker rm -f pub',
  ],
  [
    'which is in use',
    'run pub -p 18080:80 --network apart; run other -p 18080:80; docker network connect beta pub 2>&1 | sed "s/(.*//"; nets pub; docker rm -f other; docker network connect beta pub; docker port pub',
  ],
  [
    'removed while joined',
    'docker rm -f pub; on beta; docker network rm beta 2>&1 | sed "s/network beta .*/network beta/"',
  ],
  [
    'a network that is gone',
    'docker stop -t 0 peer; docker rm -f lonely; docker network disconnect alpha web; docker network rm alpha; docker start peer 2>&1 | head -n 1 | sed "s/network .* not/network not/"; docker network disconnect alpha peer; nets peer; docker start peer',
  ],
  [
    'events',
    'docker network create seen >/dev/null; docker network connect seen peer; docker network disconnect seen peer; sleep 1.1; docker events --since 30s --until 0s -f network=seen --format "{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}" | uniq',
  ],
  [
    'by the API',
    'api chosen/connect \'{"Container":"peer","EndpointConfig":{"Aliases":["x","y"]}}\'; nets peer | sed "s/[0-9a-f]*:[0-9a-f:]*/MAC/"; api chosen/connect "{}"; api chosen/disconnect \'{"Container":"peer","Force":true}\'; api chosen/disconnect \'{"Container":"peer"}\'; api host/connect \'{"Container":"peer"}\'; api nosuch/connect \'{"Container":"peer"}\'; api chosen/connect \'{"Container":"nosuch"}\'; api bridge/connect \'{"Container":"peer","EndpointConfig":{"IPAMConfig":{"IPv4Address":"172.17.0.99"}}}\'',
  ],
];

/** Steps that come out otherwise, on purpose, and why. */
const differences: Readonly<Record<string, string>> = {
  'moves to an internal network':
    'an internal network is reached from nowhere: dockerd 20.10 publishes on it once another has left, and not at the start',
  'which is in use': 'dockerd leaves the container half connected, and cannot connect it any more',
};

async function outcome(side: Side, script: string): Promise<Outcome> {
  const engine = engines.get(side)!;
  const folder = join(directory, side);
  return scriptOutcome(`${prelude}\n${script}`, {
    folder,
    env: {
      ...{ PATH: `${folder}:${process.env['PATH']}`, DOCKER_HOST: engine.host, SOCKET: engine.socket },
      ...{ DOCKER_API_VERSION: '1.41', PID: String(engine.pid) },
    },
  });
}

for (const [name, script] of steps)
  test(`networks of a container: ${name}`, { skip }, async () => {
    const [theirs, ...ours] = await Promise.all(sides.map((side) => outcome(side, script)));
    for (const [at, one] of ours.entries())
      if (name in differences) assert.notDeepEqual(one, theirs, `the same: ${differences[name]}`);
      else assert.deepEqual(one, theirs, sides[at + 1]);
  });
