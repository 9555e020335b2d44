/** One step of the script that both daemons get: a shell command line in which `docker` is the client. */
export interface Step {
  readonly name: string;
  readonly command: string;
  /** Only the exit code and standard output are compared. */
  readonly ignoreStderr?: boolean;
}

const step = (name: string, command: string): Step => ({ name, command });

/** The script, in order: each step may use what earlier ones left. `busybox` is there at the start. */
export const steps: readonly Step[] = [
  // images
  step('images', 'docker images --format "{{.Repository}} {{.Tag}}"'),
  step(
    'image inspect: config',
    'docker image inspect -f "{{json .Config.Cmd}} {{.Os}} {{.Architecture}} {{len .RootFS.Layers}}" busybox',
  ),
  step('history', 'docker history --format "{{.CreatedBy}}|{{.Comment}}" busybox'),
  step(
    'tag',
    'docker tag busybox localhost:5999/team/box:v1 && docker images --format "{{.Repository}}:{{.Tag}}" | sort',
  ),
  step('tag: invalid', 'docker tag busybox "Bad Name"'),
  step('tag: unknown image', 'docker tag nosuchimage x:y'),
  step('rmi: a tag', 'docker rmi localhost:5999/team/box:v1'),
  step('rmi: unknown', 'docker rmi nosuchimage'),
  step('image inspect: unknown', 'docker image inspect nosuchimage'),
  step('pull: no registry', 'docker pull 127.0.0.1:1/team/box 2>&1 | sed "s/dial tcp.*//"'),
  step('pull: invalid reference', 'docker pull "UPPER/case"'),

  // run: output, exit codes
  step('run: output', 'docker run --rm busybox echo hello'),
  step('run: both streams', 'docker run --rm busybox sh -c "echo out; echo err >&2"'),
  step('run: exit code', 'docker run --rm busybox sh -c "exit 7"'),
  step(
    'run: killed by a signal',
    'docker run -d --name killed busybox sleep 50 >/dev/null; docker kill -s KILL killed; docker wait killed; docker rm killed',
  ),
  step('run: command not found', 'docker run --rm busybox nosuchcommand'),
  step('run: not executable', 'docker run --rm busybox /etc/passwd'),
  step('run: a directory', 'docker run --rm busybox /etc'),
  step('run: unknown image', 'docker run --rm --pull never nosuchimage true'),
  step('run: unknown flag', 'docker run --nosuchflag busybox true 2>&1 | head -n 1'),
  step('run: stdin', 'printf "a\\nb\\n" | docker run --rm -i busybox wc -l'),
  step('run: large stdin', 'head -c 3000000 /dev/zero | docker run --rm -i busybox wc -c'),
  step('run: large stdout', 'docker run --rm busybox head -c 3000000 /dev/zero | wc -c'),
  step(
    'run: no command',
    'docker run --rm --entrypoint "" busybox true; docker import -m bare - bare:latest </dev/null >/dev/null 2>&1; docker run --rm bare',
  ),

  // run: the process
  step(
    'run: environment',
    'docker run --rm -e A=1 -e B="two words" --env HOME=/x busybox env | grep -v HOSTNAME | sort',
  ),
  step(
    'run: env-file',
    'printf "K=v\\n#c\\nL=w\\n" > env.list; docker run --rm --env-file env.list busybox env | grep -E "^[KL]=" | sort',
  ),
  step('run: workdir', 'docker run --rm -w /new/dir busybox pwd'),
  step('run: relative workdir', 'docker run --rm -w relative busybox pwd'),
  step('run: user by number', 'docker run --rm -u 1000:1000 busybox id'),
  step('run: user by name', 'docker run --rm -u www-data busybox id'),
  step('run: unknown user', 'docker run --rm -u nobodyhere busybox id'),
  step('run: unknown group', 'docker run --rm -u 0:nogrouphere busybox id'),
  step('run: group-add', 'docker run --rm --group-add 7 --group-add users busybox id'),
  step('run: hostname', 'docker run --rm --hostname box.example busybox sh -c "hostname; cat /etc/hostname"'),
  step('run: entrypoint', 'docker run --rm --entrypoint echo busybox one two'),
  step('run: tty', 'docker run --rm -t busybox sh -c "tty; stty -a < /dev/tty | head -n 1 | cut -d\\; -f1"'),
  step('run: capabilities', 'docker run --rm busybox grep Cap /proc/self/status'),
  step(
    'run: cap-drop, cap-add',
    'docker run --rm --cap-drop ALL --cap-add NET_ADMIN busybox grep Cap /proc/self/status',
  ),
  step('run: unknown capability', 'docker run --rm --cap-add NOSUCH busybox true'),
  step(
    'run: no-new-privileges',
    'docker run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status',
  ),
  step('run: seccomp filter is on', 'docker run --rm busybox grep -E "^Seccomp:" /proc/self/status'),
  step(
    'run: seccomp unconfined',
    'docker run --rm --security-opt seccomp=unconfined busybox grep -E "^Seccomp:" /proc/self/status',
  ),
  step(
    'run: a seccomp profile of one’s own',
    `echo '{"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],"syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","excludes":{"caps":["CAP_SYS_BOOT"]}},{"name":"chmod","action":"SCMP_ACT_ERRNO"}]}' > own.json; docker run --rm --security-opt seccomp=own.json busybox sh -c "mkdir /x; chmod 700 /tmp; touch /ok && echo ok"; docker run --rm --cap-add SYS_BOOT --security-opt seccomp=own.json busybox sh -c "mkdir /x && echo made"`,
  ),
  step(
    'run: a seccomp profile that is none',
    'echo "{" > bad.json; docker run --rm --security-opt seccomp=bad.json busybox true',
  ),
  step('run: ulimit', 'docker run --rm --ulimit nofile=100:200 busybox sh -c "ulimit -Sn; ulimit -Hn"'),
  step('run: invalid ulimit', 'docker run --rm --ulimit nofile=200:100 busybox true'),
  step(
    'run: init',
    'docker run --rm --init busybox sh -c "cat /proc/1/comm | tr -d \\"\\\\n\\" | wc -c | grep -q . && echo ran"',
  ),
  step(
    'run: sysctl',
    'docker run --rm --sysctl net.ipv4.ip_default_ttl=99 busybox cat /proc/sys/net/ipv4/ip_default_ttl',
  ),
  step('run: oom-score-adj', 'docker run --rm --oom-score-adj 500 busybox cat /proc/self/oom_score_adj'),
  step(
    'run: shm-size',
    'docker run --rm --shm-size 8m busybox sh -c "df -k /dev/shm | tail -n 1 | awk \'{print \\$2}\'"',
  ),

  // run: file systems
  step(
    'run: mounts',
    'docker run --rm busybox sh -c "cut -d\' \' -f2,3 /proc/mounts | grep -v cgroup | sort"',
  ),
  step('run: /dev', 'docker run --rm busybox ls -1 /dev'),
  step(
    'run: device modes',
    'docker run --rm busybox sh -c "ls -ln /dev/null /dev/zero /dev/full /dev/tty /dev/random | awk \'{print \\$1,\\$3,\\$4,\\$5,\\$6,\\$10}\'"',
  ),
  step(
    'run: masked paths',
    'docker run --rm busybox sh -c "cat /proc/kcore | wc -c; cat /proc/timer_list 2>&1 | wc -c; ls /sys/firmware | wc -l"',
  ),
  step('run: read-only paths', 'docker run --rm busybox sh -c "echo 1 > /proc/sys/kernel/panic"'),
  step('run: read-only', 'docker run --rm --read-only busybox touch /x'),
  step(
    'run: tmpfs',
    'docker run --rm --tmpfs /scratch:size=1m,mode=700 busybox sh -c "stat -c %a /scratch; df -k /scratch | tail -n 1 | awk \'{print \\$2}\'"',
  ),
  step(
    'run: bind',
    'mkdir -p bound; echo data > bound/file; docker run --rm -v "$PWD/bound:/b" busybox sh -c "cat /b/file; echo more > /b/new"; cat bound/new',
  ),
  step('run: bind, read-only', 'docker run --rm -v "$PWD/bound:/b:ro" busybox touch /b/x'),
  step('run: bind, invalid mode', 'docker run --rm -v "$PWD/bound:/b:bogus" busybox true'),
  step(
    'run: mount of a missing source',
    'docker run --rm --mount type=bind,source=/no/such/path,target=/b busybox true',
  ),
  step('run: relative bind target', 'docker run --rm -v /tmp:relative busybox true'),
  step(
    'run: named volume',
    'docker run --rm -v vol1:/data busybox sh -c "echo kept > /data/f"; docker run --rm -v vol1:/data busybox cat /data/f; docker volume rm vol1',
  ),

  // run: namespaces and limits
  step('run: pid host', 'docker run --rm --pid host busybox sh -c "test \\$\\$ -gt 20 && echo host"'),
  step('run: uts host', 'test "$(docker run --rm --uts host busybox hostname)" = "$(hostname)" && echo same'),
  step(
    'run: ipc host',
    'test "$(docker run --rm --ipc host busybox readlink /proc/self/ns/ipc)" = "$(readlink /proc/self/ns/ipc)" && echo same',
  ),
  step('run: network none', 'docker run --rm --network none busybox sh -c "ip -o link | wc -l"'),
  step('run: unknown network', 'docker run --rm --network nosuchnet busybox true'),
  step(
    'run: network of a container',
    'docker run -d --name neta busybox sleep 100 >/dev/null; docker run --rm --network container:neta busybox hostname | wc -c; docker rm -f neta',
  ),
  step('run: network of no container', 'docker run --rm --network container:nosuch busybox true'),
  step(
    'run: interface',
    "docker run --rm busybox sh -c \"ip -o -4 addr show eth0 | awk '{print \\$2,\\$3}'; ip route | awk '{print \\$1,\\$2}' | head -n 1\"",
  ),
  step('run: loopback', 'docker run --rm busybox ip -o -4 addr show lo | tr -s " " | cut -d" " -f2,4'),
  step(
    'run: memory limit',
    'docker run --rm --memory 64m busybox cat /sys/fs/cgroup/memory/memory.limit_in_bytes',
  ),
  step('run: memory too small', 'docker run --rm --memory 1m busybox true'),
  step('run: swap below memory', 'docker run --rm --memory 64m --memory-swap 32m busybox true'),
  step('run: pids limit', 'docker run --rm --pids-limit 17 busybox cat /sys/fs/cgroup/pids/pids.max'),
  step('run: cpus', 'docker run --rm --cpus 0.5 busybox cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
  step('run: too many cpus', 'docker run --rm --cpus 5000 busybox true'),
  step('run: cpuset', 'docker run --rm --cpuset-cpus 0 busybox cat /sys/fs/cgroup/cpuset/cpuset.cpus'),
  step('run: cpuset out of range', 'docker run --rm --cpuset-cpus 999 busybox true'),
  step(
    'run: out of memory',
    'docker run --name oom --memory 16m --memory-swap 16m busybox tail /dev/zero; docker inspect -f "{{.State.OOMKilled}} {{.State.ExitCode}}" oom; docker rm oom',
  ),

  // lives
  step('create', 'docker create --name web busybox sh -c "echo started; exec sleep 300" | wc -c'),
  step('create: name taken', 'docker create --name web busybox true'),
  step('create: invalid name', 'docker create --name "a/b c" busybox true'),
  step('ps: created', 'docker ps -a --format "{{.Names}} {{.Image}} {{.State}} {{.Command}}" --no-trunc'),
  step('start', 'docker start web'),
  step('start: again', 'docker start web; docker start nosuch'),
  step('ps: running', 'docker ps --format "{{.Names}} {{.Status}}" | sed "s/Up .*/Up/"'),
  step(
    'ps: filters',
    'docker ps -a --filter name=web --filter status=running --format "{{.Names}}"; docker ps --filter status=bogus',
  ),
  step(
    'inspect: state',
    'docker inspect -f "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.RestartCount}} {{.Path}} {{json .Args}} {{.Name}}" web',
  ),
  step(
    'inspect: network',
    'docker inspect -f "{{range \\$k,\\$v := .NetworkSettings.Networks}}{{\\$k}} {{\\$v.IPPrefixLen}} {{.MacAddress}}{{end}}" web | sed "s/..:..:..:..:..:../MAC/"',
  ),
  step(
    'inspect: host config',
    'docker inspect -f "{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}} {{json .HostConfig.MaskedPaths}} {{json .HostConfig.ReadonlyPaths}}" web',
  ),
  step(
    'inspect: config',
    'docker inspect -f "{{json .Config.Cmd}} {{json .Config.Env}} {{.Config.Image}} {{json .Config.Labels}} {{.Config.Tty}} {{.Config.OpenStdin}}" web',
  ),
  step('inspect: unknown', 'docker inspect nosuch'),
  step('logs', 'docker logs web'),
  step('logs: tail, timestamps', 'docker logs --tail 1 -t web | sed "s/^[0-9T:.-]*Z/TIME/"'),
  step('logs: unknown', 'docker logs nosuch'),
  step('exec: output', 'docker exec web echo inside'),
  step('exec: exit code', 'docker exec web sh -c "exit 9"'),
  step(
    'exec: environment, user, workdir',
    'docker exec -e X=y -u 1000 -w /tmp web sh -c "echo \\$X; id -u; pwd"',
  ),
  step('exec: stdin', 'echo piped | docker exec -i web cat'),
  step('exec: command not found', 'docker exec web nosuchcommand'),
  step('exec: not executable', 'docker exec web /etc/passwd'),
  step('exec: unknown user', 'docker exec -u nobodyhere web true'),
  step(
    'exec: detached',
    'docker exec -d web sh -c "echo x > /tmp/flag"; until docker exec web grep x /tmp/flag 2>/dev/null; do sleep 0.1; done',
  ),
  step('exec: unknown container', 'docker exec nosuch true'),
  step('top', 'docker top web -o pid,comm | sed "s/^[0-9]* */PID /"'),
  step(
    'diff',
    'docker exec web sh -c "rm -f /tmp/flag; echo > /root/new; rm /etc/group"; docker diff web | sort',
  ),
  step('rename', 'docker rename web web2; docker ps --format "{{.Names}}"; docker rename web2 web'),
  step(
    'rename: taken',
    'docker create --name other busybox true >/dev/null; docker rename other web; docker rm other',
  ),
  step(
    'pause, unpause',
    'docker pause web; docker inspect -f "{{.State.Status}}" web; docker exec web true; docker unpause web; docker unpause web',
  ),
  step('rm: running', 'docker rm web'),
  step('kill: invalid signal', 'docker kill -s NOSUCH web'),
  step(
    'kill',
    'docker kill web; docker wait web; docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" web',
  ),
  step('kill: not running', 'docker kill web'),
  step('exec: not running', 'docker exec web true'),
  step('stop: not running', 'docker stop web'),
  step('restart', 'docker restart -t 0 web; docker inspect -f "{{.State.Status}}" web'),
  step('stop', 'docker stop -t 1 web; docker inspect -f "{{.State.ExitCode}}" web'),
  step(
    'commit',
    'docker commit -m "a change" -a me -c "ENV Z=1" web changed:1 | wc -c; docker run --rm changed:1 sh -c "test -e /root/new && echo there; echo \\$Z"; docker history --format "{{.Comment}}" changed:1 | head -n 1',
  ),
  step(
    'rmi: used by a stopped container',
    'docker create --name user changed:1 true >/dev/null; docker rmi changed:1; docker rm user; docker rmi changed:1 | sed "s/sha256:.*/ID/"',
  ),
  step('export', 'docker export web | tar t | grep -E "^(etc/passwd|root/new|bin/busybox)$" | sort'),
  step('rm', 'docker rm web; docker rm web'),
  step(
    'run: detached, auto-removed',
    'docker run -d --rm --name gone busybox true >/dev/null; while docker inspect gone >/dev/null 2>&1; do sleep 0.1; done; docker inspect gone',
  ),
  step(
    'run: cidfile',
    'rm -f cid; docker run --rm --cidfile cid busybox true; wc -c < cid; docker run --rm --cidfile cid busybox true 2>&1 | sed "s/(.*//"',
  ),
  step(
    'stop signal and timeout',
    'docker run -d --name sig --stop-signal USR1 busybox sh -c "trap \\"exit 33\\" USR1; echo up; while :; do sleep 0.1; done" >/dev/null; until docker logs sig | grep -q up; do sleep 0.1; done; docker stop sig; docker inspect -f "{{.State.ExitCode}}" sig; docker rm sig',
  ),
  step(
    'attach',
    '(sleep 1; echo line) | docker run -i --rm --name att busybox sh -c "read x; echo got \\$x"',
  ),
  step(
    'publish',
    'docker run -d --name pub -p 18080:80 -p 127.0.0.1:18081:81/udp busybox sleep 100 >/dev/null; docker port pub; docker inspect -f "{{json .NetworkSettings.Ports}}" pub',
  ),
  step(
    'publish: taken',
    'docker run --name pub2 -p 18080:80 busybox true 2>&1 | sed "s/endpoint .*: Bind/endpoint: Bind/"; docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" pub2; docker rm pub2; docker rm -f pub',
  ),
  step('publish: invalid', 'docker run --rm -p 99999:80 busybox true'),

  // save, load
  step(
    'save, load',
    'docker save busybox -o b.tar && tar tf b.tar | grep -c manifest.json; docker rmi busybox >/dev/null; docker load -i b.tar; docker run --rm busybox echo back',
  ),
  step('load: not an archive', 'echo nonsense | docker load'),
  step(
    'import',
    'tar cf - bound | docker import -c "CMD [\\"x\\"]" - imported:1 | wc -c; docker image inspect -f "{{json .Config.Cmd}}" imported:1; docker rmi imported:1 | wc -l',
  ),

  // volumes, networks, system
  step(
    'volume create, ls, inspect, rm',
    'docker volume create --label a=b v2; docker volume ls -q; docker volume inspect -f "{{.Name}} {{.Driver}} {{.Scope}} {{json .Labels}}" v2; docker volume rm v2; docker volume rm v2',
  ),
  step('network ls', 'docker network ls --format "{{.Name}} {{.Driver}} {{.Scope}}"'),
  step(
    'network inspect',
    'docker network inspect -f "{{.Name}} {{.Driver}} {{.Internal}} {{.EnableIPv6}}" bridge host none; docker network inspect nosuch',
  ),
  step(
    'events',
    'docker run --name ev busybox true; docker rm ev >/dev/null; sleep 1.2; docker events --since 60s --until 0s --filter container=ev --format "{{.Type}} {{.Action}}"',
  ),
  step('swarm', 'docker node ls'),
];
