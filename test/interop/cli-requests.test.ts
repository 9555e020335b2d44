import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { installed, root } from '../fixtures/engines.ts';

/** What both clients ask of a daemon for the same command line: the same calls with the same bodies. */
const skip = installed('docker') ? false : 'docker is not installed';
const folder = mkdtempSync(join(tmpdir(), 'requests-'));
const socket = join(folder, 'engine.sock');

interface Asked {
  readonly call: string;
  readonly body: unknown;
}

let asked: Asked[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (bytes) => (body += bytes));
  request.on('end', () => {
    const path = (request.url ?? '').replace(/^\/v1\.\d+/, '');
    if (!path.endsWith('/_ping'))
      asked.push({ call: `${request.method} ${sorted(path)}`, body: parsed(body) });
    response
      .setHeader('Api-Version', '1.51')
      .setHeader('OSType', 'linux')
      .setHeader('Content-Type', 'application/json');
    response.statusCode = /create|exec$/.test(path) ? 201 : 200;
    response.end(answerTo(path));
  });
});

function answerTo(path: string): string {
  if (path.startsWith('/networks/create') || path.includes('/exec') || path.includes('/containers/create'))
    return '{"Id":"abc","Warnings":[]}';
  if (path.includes('/wait')) return '{"StatusCode":0}';
  if (/containers\/[^/]+\/json/.test(path))
    return '{"Id":"abc","Config":{},"State":{"Running":true},"HostConfig":{}}';
  if (path.startsWith('/volumes/create')) return '{"Name":"v"}';
  return path.includes('/json') || path.startsWith('/images/search') ? '[]' : '{}';
}

const sorted = (path: string) => {
  const [name, query = ''] = path.split('?');
  // an empty parameter says as much as none
  return `${name}?${query
    .split('&')
    .filter((each) => !each.endsWith('='))
    .sort()
    .join('&')}`;
};

const parsed = (body: string): unknown => {
  try {
    return nonEmpty(JSON.parse(body));
  } catch {
    return body === '' ? undefined : body.length;
  }
};

/** Without what is Go's zero value: leaving it out says the same. */
function nonEmpty(value: unknown): unknown {
  // docker puts environments in no order
  if (Array.isArray(value)) return value.map(nonEmpty).sort(byText);
  if (typeof value !== 'object' || value === null) return value;
  // CheckDuplicate is for daemons before API 1.44
  const known = Object.entries(value).filter(([name]) => name !== 'CheckDuplicate');
  const entries = known.map(([name, each]) => [name, nonEmpty(each)] as const);
  return Object.fromEntries(entries.filter(([, each]) => !isZero(each)));
}

const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const isZero = (value: unknown) =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

before(() => new Promise<void>((resolve) => server.listen(socket, resolve)));
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(program: string, line: string): Promise<readonly Asked[]> {
  asked = [];
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: folder,
    FROM_HERE: 'inherited',
  };
  const child = spawn('sh', ['-c', `${program} ${line} >/dev/null 2>&1 </dev/null`], { cwd: folder, env });
  await new Promise((resolve) => child.on('exit', resolve));
  return asked;
}

const runFlags = [
  '',
  '-i',
  '-t',
  '--name web',
  '-e A=1 -e B= -e FROM_HERE -e NOT_HERE',
  '--env-file env',
  '-w /w -u 1:2',
  '--hostname h --domainname d',
  '-l a=1 -l b',
  '--label-file env',
  '--init',
  '--init=false',
  '--read-only',
  '--tmpfs /t --tmpfs /u:size=1m',
  '-v /data',
  '-v /a:/b:ro -v vol:/c -v ./rel:/d',
  '--mount type=bind,source=/a,target=/b,readonly',
  '--mount type=volume,src=v,dst=/c,volume-nocopy,volume-label=x=y,volume-driver=d,volume-opt=o=p',
  '--mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777',
  '--mount type=bind,src=.,dst=/b,bind-propagation=rshared,bind-recursive=disabled',
  '--mount type=image,source=i,target=/i,image-subpath=x',
  '--mount "type=volume,target=/q,\\"volume-opt=o=a,b\\""',
  '--cap-add NET_ADMIN --cap-drop ALL',
  '--privileged',
  '--security-opt no-new-privileges --security-opt label=disable',
  '--security-opt seccomp=unconfined',
  '--security-opt seccomp=profile.json',
  '--security-opt systempaths=unconfined',
  '--ulimit nofile=1:2 --ulimit core=0',
  '--shm-size 8m',
  '-m 1g --memory-swap -1 --memory-reservation 512m --memory-swappiness 3',
  '--memory-swap 2g --kernel-memory 1m',
  '--cpus 1.5',
  '--cpus .25',
  '--cpu-shares 2 --cpu-period 3 --cpu-quota 4 --cpu-rt-period 5 --cpu-rt-runtime 6',
  '--cpuset-cpus 0-1 --cpuset-mems 0',
  '--pids-limit 7',
  '--pids-limit -1',
  '-p 80',
  '-p 8080:80',
  '-p 127.0.0.1:8080:80/udp',
  '-p 127.0.0.1::80',
  '-p [::1]:8080:80',
  '-p 8000-8002:80-82',
  '-p 8000-8002:80',
  '-p 80-82/sctp',
  '-p published=8080,target=80',
  '-P --expose 80 --expose 90-92/udp',
  '--network host',
  '--net none',
  '--network net --ip 10.0.0.2 --network-alias a --network-alias b',
  '--network name=net,alias=a,alias=b,ip=10.0.0.3,mac-address=02:00:00:00:00:01,driver-opt=k=v,gw-priority=3',
  '--network a --network b',
  '--network net --link x:y',
  '--link x',
  '--mac-address 02:00:00:00:00:02',
  '--pid host --ipc host --uts host --userns host --cgroupns private',
  '--pid container:x --ipc container:y --network container:z',
  '--stop-signal TERM --stop-timeout 3',
  '--stop-timeout 0',
  '--restart always',
  '--restart on-failure:3',
  '--restart unless-stopped',
  '--rm',
  '--add-host a:1.2.3.4 --add-host b=::1 --add-host "c:[::2]" --add-host d:host-gateway',
  '--dns 1.1.1.1 --dns-search x.y --dns-option ndots:1',
  '--group-add 5 --group-add users',
  '--device /dev/null',
  '--device /dev/null:/dev/x:r',
  '--device /dev/null:rw',
  '--device vendor.com/class=one',
  '--device-cgroup-rule "c 1:3 rwm"',
  '--device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:9 --blkio-weight 20 --blkio-weight-device /dev/sda:30',
  '--log-driver json-file --log-opt a=b',
  '--log-driver none',
  '--oom-score-adj 5 --oom-kill-disable',
  '--sysctl net.core.somaxconn=1',
  '--volumes-from a --volumes-from b:ro',
  '--cgroup-parent /p',
  '--platform linux/arm64',
  '--runtime r',
  '--isolation default',
  '--storage-opt size=1G',
  '--volume-driver d',
  '--annotation a=b',
  '--health-cmd "x y" --health-interval 1m30s --health-retries 2 --health-start-period 1s --health-timeout 500ms --health-start-interval 2s',
  '--no-healthcheck',
  '--gpus all',
  '--gpus 2',
  '--gpus device=1,capabilities=utility',
  '--entrypoint ""',
  '--entrypoint sh',
  '--userns host -a stdout',
  '-a stdin -i',
  '--ip6 ::5 --network n --link-local-ip 169.254.1.1',
];

/** Commands whose calls are the same one for one. */
const lines = [
  ...runFlags.map((flags) => `create ${flags} image command --flag arg`),
  'create image',
  'create --name x image -- y',
  'ps -a',
  'ps -f status=running -f label=a -f label=b',
  'ps -n 3 -s',
  'ps -l',
  'images -a -f dangling=true name',
  'images --digests',
  'rm -f -v -l c',
  'stop -t 0 c',
  'stop -s INT c',
  'restart --time 3 c',
  'kill -s HUP c',
  'pause c',
  'unpause c',
  'rename c d',
  'start c',
  'logs -f -n 3 -t --details c',
  'logs --since 2020-01-01 --until 2020-01-02T03:04:05.678Z c',
  'logs --since 1577836800.5 c',
  'top c -o pid',
  'diff c',
  'port c',
  'wait c',
  'update -m 1g --memory-swap 2g --cpus 2 --restart no --pids-limit 5 c',
  'update --blkio-weight 20 c',
  'update --pids-limit 0 c',
  'tag a b:c',
  'tag a localhost:5000/b',
  'rmi -f --no-prune i',
  'rmi a/b:c d@sha256:aa',
  'history i',
  'commit -a me -m note -c "CMD x" -p=false c r:t',
  'commit c',
  'network ls -f driver=bridge',
  'network rm n',
  'network inspect -v n',
  'network disconnect -f n c',
  'network connect --alias a --ip 1.2.3.4 --link x:y --driver-opt a=b n c',
  'network create n',
  'network create -d macvlan --subnet 10.0.0.0/8 --gateway 10.0.0.1 --ip-range 10.1.0.0/16 --aux-address a=10.0.0.9 --ipv6 --internal --attachable --label a=b -o c=d --ipam-opt e=f --scope local n',
  'network create --config-only --ipv4=false n',
  'network create --subnet fd00::/8 --gateway fd00::1 --config-from x n',
  'volume ls -f dangling=true',
  'volume create',
  'volume create -d local --label a=b -o c=d v',
  'volume rm -f v',
  'volume inspect v',
  'volume prune -f',
  'volume prune -f -a',
  'image prune -f -a --filter until=1h',
  'container prune -f --filter label=x',
  'network prune -f',
  'inspect -s --type container c',
  'inspect --type image i',
  'image inspect a/b:c',
  'exec c ls -l',
  'exec -d -e A=1 -u 3 -w /w --privileged c ls',
  'exec --env-file env c ls',
  'info',
  'version',
  'system df',
  'system df -v',
  'events --since 1000 --until 2000 -f type=container -f event=die -f event=start',
  'stats --no-stream c',
  'export c',
  'save a b',
  'load -q -i env',
  'import -c "CMD x" -m note env r:t',
  'import http://x/y r',
  'search -f is-official=true --limit 3 term',
  'pull -q image',
  'pull -q --platform linux/arm64 a/b:c',
  'pull -a -q x',
  'push -q image:t',
  'push -a -q image',
  'cp c:/x -',
  'cp -a c:/x .',
  'container ls -q',
  'image ls -q',
  'image rm i',
  'container rm c',
];

/** Calls that docker makes for its own reasons: it looks at a thing before it acts on its name. */
const looks = /^GET \/(networks\/n|containers\/c\/json)\?$/;

for (const line of lines) {
  test(`asks what docker asks: ${line}`, { skip }, async () => {
    writeFileSync(join(folder, 'env'), 'K=v\n# note\nFROM_HERE\nNOT_HERE\n');
    writeFileSync(join(folder, 'profile.json'), '{ "defaultAction": "SCMP_ACT_ALLOW" }\n');
    const acting = (calls: readonly Asked[]) =>
      /^(exec|network rm)/.test(line) ? calls.filter(({ call }) => !looks.test(call)) : calls;
    const theirs = acting(await ask('docker', line));
    const ours = acting(await ask(join(root, 'bin/hoist'), line));
    assert.deepEqual(ours, theirs);
  });
}
