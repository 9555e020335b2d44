import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { normalise, type Outcome } from '../differential/normalise.ts';
import { scriptOutcome } from '../differential/script-outcome.ts';
import { importBusybox, startDockerd, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';

/** Debian's docker-compose 1.29 on the classic builder, on containers that were built, and on networks of its own: beside dockerd. */

const missing = ['docker-compose', 'dockerd', 'docker', 'busybox'].find((program) => !which(program));
const skip = missing === undefined ? false : `not installed: ${missing}`;
const names = ['hoistd', 'dockerd'] as const;
const directory = mkdtempSync(join(tmpdir(), 'compose-'));
const engines = new Map<string, TestEngine>();

/** In a folder called `project`: one whose services share the networks that each engine has, and two with networks of their own. */
const project = `
cat > docker-compose.yml <<'END'
version: '3.8'
services:
  web:
    image: built-web
    build:
      context: ./web
      dockerfile: docker/Dockerfile
      target: serve
      args: {WORD: hello, FROM_ENV: }
      labels: {a.b: c}
      cache_from: [built-web]
      network: none
      shm_size: 32m
      extra_hosts: ['given:1.2.3.4']
    network_mode: bridge
    ports: ['18080:80']
    volumes: ['data:/data', './web:/src:ro']
    environment: {X: y}
    stop_grace_period: 0s
  client:
    build: ./client
    network_mode: 'service:web'
    depends_on: [web]
    command: sh -c 'until wget -qO- http://127.0.0.1/; do sleep 0.2; done; exec sleep 1000'
    stop_grace_period: 0s
volumes: {data: }
END
mkdir -p web/docker client
cat > web/docker/Dockerfile <<'END'
FROM busybox AS base
ARG WORD
ARG FROM_ENV
RUN mkdir /www && echo $WORD $FROM_ENV > /www/index.html
FROM base AS serve
COPY file /www/file
RUN df -k /dev/shm | tail -n1 | awk '{print $2}'; ls /sys/class/net; grep given /etc/hosts
CMD ["httpd","-f","-p","80","-h","/www"]
FROM base AS unneeded
RUN false
END
echo file > web/file
printf 'FROM busybox\\nCOPY . /c\\n' > client/Dockerfile
echo c > client/c
cat > own.yml <<'END'
version: '3.8'
services:
  one:
    image: busybox
    command: httpd -f -p 80 -h /bin
    networks: {front: {aliases: [uno]}, back: {ipv4_address: 10.93.0.9}}
    ports: ['18081:80']
    stop_grace_period: 0s
  two:
    image: busybox
    command: sleep 1000
    networks: [back]
    stop_grace_period: 0s
networks:
  front: {ipam: {config: [{subnet: 10.92.0.0/24}]}}
  back: {ipam: {config: [{subnet: 10.93.0.0/24}]}}
END
cat > default.yml <<'END'
version: '3.8'
services:
  web: {image: busybox, command: httpd -f -p 80 -h /bin, stop_grace_period: 0s}
  client: {image: busybox, command: sleep 1000, depends_on: [web], stop_grace_period: 0s}
networks: {default: {ipam: {config: [{subnet: 10.94.0.0/24}]}}}
END
`;

before(async () => {
  if (skip !== false) return;
  for (const name of names) {
    const engine = await (name === 'hoistd' ? startHoistd() : startDockerd());
    engines.set(name, engine);
    importBusybox(engine);
    mkdirSync(join(directory, name, 'project'), { recursive: true });
    spawnSync('sh', ['-c', project], { cwd: join(directory, name, 'project') });
  }
});

after(async () => {
  for (const engine of engines.values()) await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** In order: each goes on where the one before it ended. `PID` is a process in the network of the engine. */
const steps: readonly [name: string, script: string][] = [
  ['build', 'FROM_ENV=env docker-compose build'],
  ['build from the cache', 'FROM_ENV=env docker-compose build'],
  [
    'build --no-cache --parallel',
    'FROM_ENV=env docker-compose build --no-cache --parallel 2>&1 | grep "done" | sort',
  ],
  [
    'build with arguments',
    'FROM_ENV=env docker-compose build --build-arg WORD=other --force-rm --memory 64m web',
  ],
  ['build --pull of what no registry has', 'docker-compose build --pull client 2>&1 | sed "s/: Get .*//"'],
  ['build --quiet', 'docker-compose build --quiet client'],
  ['build of a service that is none', 'docker-compose build nobody'],
  [
    'build of what fails',
    `mkdir failing; printf 'FROM busybox\\nRUN echo said; exit 9\\n' > failing/Dockerfile
     printf "version: '3'\\nservices: {f: {build: ./failing}}\\n" > failing.yml
     docker-compose -f failing.yml build`,
  ],
  [
    'build of a Dockerfile that is wrong',
    "printf 'FROM busybox\\nNOSUCH\\n' > failing/Dockerfile; docker-compose -f failing.yml build",
  ],
  ['build of no Dockerfile', 'rm failing/Dockerfile; docker-compose -f failing.yml build'],
  ['build again', 'FROM_ENV=env docker-compose build --build-arg WORD=hello 2>&1 | tail -n 1'],
  ['images of the project', 'docker images --format "{{.Repository}}:{{.Tag}}" | grep -v none | sort'],
  ['up', 'FROM_ENV=env docker-compose up -d'],
  ['up again', 'FROM_ENV=env docker-compose up -d'],
  ['ps', 'docker-compose ps; docker-compose ps --services | sort; docker-compose ps -q | wc -l'],
  ['logs', 'sleep 1; docker-compose logs'],
  ['the published port', 'nsenter --net=/proc/$PID/ns/net busybox wget -qO- http://127.0.0.1:18080/'],
  ['exec', 'docker-compose exec -T web cat /www/index.html; docker-compose exec -T web env | grep X='],
  ['exec, failed', "docker-compose exec -T web sh -c 'exit 3'"],
  ['exec with input', 'echo in | docker-compose exec -T client cat'],
  ['volumes', 'docker-compose exec -T web sh -c "echo d > /data/d; cat /src/file; touch /src/x"'],
  ['run', 'docker-compose run --rm --no-deps -T web echo ran'],
  ['top', 'docker-compose top web | tail -n +4 | sed "s/.*httpd/httpd/"'],
  ['port', 'docker-compose port web 80'],
  // one after the other: both at once, one finds the network of the other gone or not, as it happens
  ['restart', '(docker-compose restart -t 0 web; docker-compose restart -t 0 client) 2>&1 | sort'],
  ['what a volume keeps', 'docker-compose exec -T web cat /data/d'],
  ['stop and start', '(docker-compose stop; docker-compose start) 2>&1 | sort'],
  ['kill, rm', '(docker-compose kill client; docker-compose rm -f client) 2>&1 | sort'],
  ['up --build of one that is gone', 'FROM_ENV=env docker-compose up -d --build 2>&1 | grep -v " ---> "'],
  ['config', 'docker-compose config -q; docker-compose config --services | sort'],
  ['down', 'docker-compose down -v --rmi local 2>&1 | sort'],
  [
    'what is left',
    'docker ps -aq --filter label=com.docker.compose.project; docker volume ls -q; docker images --format "{{.Repository}}" | grep project',
  ],
];

/** A service's networks, as the engine has them: aliases without the container's id, and sorted, for compose has them in any order. */
const networksOf = (file: string, service: string) =>
  `docker inspect -f '{{range $n, $e := .NetworkSettings.Networks}}{{$n}} {{$e.IPAddress}} {{json $e.Aliases}}; {{end}}' $(docker-compose -f ${file} ps -q ${service}) | sed 's/, *"[0-9a-f]\\{12\\}"//g; s/"[0-9a-f]\\{12\\}", *//g; s/"uno","one"/"one","uno"/'`;

/** The same, each in a project of its own. */
const ownSteps: readonly [name: string, script: string][] = [
  ['up', 'docker-compose -f own.yml up -d 2>&1 | sort'],
  ['ps', 'docker-compose -f own.yml ps'],
  ['networks of a service', `${networksOf('own.yml', 'one')}; ${networksOf('own.yml', 'two')}`],
  [
    'one reaches the other',
    'until docker-compose -f own.yml exec -T two wget -qO /tmp/x http://10.93.0.9/busybox; do sleep 0.2; done; docker-compose -f own.yml exec -T two cmp /tmp/x /bin/busybox; docker-compose -f own.yml exec -T one ping -c 1 -w 5 10.93.0.1 | grep -c "1 packets received"',
  ],
  [
    'the published port',
    'nsenter --net=/proc/$PID/ns/net busybox wget -qO- http://127.0.0.1:18081/busybox | cmp - /bin/busybox',
  ],
  ['up again', 'docker-compose -f own.yml up -d 2>&1 | sort'],
  [
    'stop and start',
    `(docker-compose -f own.yml stop; docker-compose -f own.yml start) 2>&1 | sort; ${networksOf('own.yml', 'one')}`,
  ],
  [
    'up --force-recreate',
    `docker-compose -f own.yml up -d --force-recreate 2>&1 | sort; ${networksOf('own.yml', 'one')}`,
  ],
  ['run', 'docker-compose -f own.yml run --rm --no-deps -T two sh -c "ip -o -4 addr | wc -l"'],
  ['up --scale', 'docker-compose -f own.yml up -d --scale two=3 2>&1 | sort'],
  ['down', 'docker-compose -f own.yml down 2>&1 | sort; docker network ls --format "{{.Name}}" | sort'],
  ['up on the default network', 'docker-compose -f default.yml up -d 2>&1 | sort'],
  ['its networks', `${networksOf('default.yml', 'web')}; ${networksOf('default.yml', 'client')}`],
  [
    'one reaches the other there',
    'until docker-compose -f default.yml exec -T client wget -qO /tmp/x http://10.94.0.2/busybox; do sleep 0.2; done; docker-compose -f default.yml exec -T client cmp /tmp/x /bin/busybox',
  ],
  [
    'disconnected and connected by hand',
    'docker network disconnect project_default project_web_1; docker network connect --alias web project_default project_web_1; docker-compose -f default.yml exec -T client wget -qO- http://10.94.0.2/busybox | cmp - /bin/busybox',
  ],
  [
    'down there',
    'docker-compose -f default.yml down 2>&1 | sort; docker network ls -q | wc -l; docker ps -aq --filter label=com.docker.compose.project',
  ],
];

/** Steps that come out otherwise, on purpose, and why. */
const differences: Readonly<Record<string, string>> = {
  run: 'it links the container to the service on the bridge that all share, and links are refused',
};

function outcome(engine: TestEngine, script: string): Promise<Outcome> {
  const folder = join(directory, engine.name, 'project');
  return scriptOutcome(script, {
    folder,
    env: {
      ...{ DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0' },
      ...{ COMPOSE_ANSI: 'never', COLUMNS: '200', PID: String(engine.pid), FROM_ENV: '' },
    },
    plain: (said) => plain(said, folder),
  });
}

const plain = (said: string, folder: string): string =>
  normalise(said, folder)
    .replace(/^Removing intermediate/gm, ' ---> Removed intermediate')
    .replace(/parse error (on )?line/g, 'parse error on line');

const all = [...steps, ...ownSteps.map(([name, script]) => [`own networks, ${name}`, script] as const)];
for (const [name, script] of all)
  test(`docker-compose: ${name}`, { skip }, async () => {
    const both = names.map((engine) => outcome(engines.get(engine)!, script));
    const [ours, theirs] = await Promise.all(both);
    if (name in differences) assert.notDeepEqual(ours, theirs, `the same: ${differences[name]}`);
    else assert.deepEqual(ours, theirs);
  });
