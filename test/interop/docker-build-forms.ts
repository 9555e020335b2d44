/** One way to ask for a build: a shell script in a folder of its own. */
export interface Form {
  readonly name: string;
  readonly script: string;
}

const form = (name: string, script: string): Form => ({ name, script });

/** What is served in each daemon's network: a Dockerfile, tars of contexts, a repository by git's plain protocol. */
export const servedFiles = `
  printf 'FROM busybox\\nRUN echo remote\\n' > Dockerfile
  mkdir context && cd context
  printf 'FROM busybox\\nCOPY file /\\nRUN cat /file\\n' > Dockerfile
  echo content > file && mkdir sub
  printf 'FROM busybox\\nCOPY . /sub\\nRUN ls /sub\\n' > sub/Dockerfile
  echo inner > sub/inner
  tar -cf ../context.tar . && tar -czf ../context.tgz .
  export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
  export GIT_CONFIG_GLOBAL=/dev/null
  git init -q -b master && git add . && git commit -qm one
  git checkout -q -b other && echo other > file && git add . && git commit -qm two
  git checkout -q master && cd ..
  git clone -q --bare context repository.git && git -C repository.git update-server-info
  rm -r context && echo nothing > empty.txt && mkdir -p sub
`;

/** In order: each has the images of those before it. */
export const forms: readonly Form[] = [
  // where the Dockerfile and the context come from
  form('a Dockerfile on the standard input', 'printf "FROM busybox\\nRUN echo in\\n" | docker build -'),
  form(
    'a Dockerfile on the standard input that copies',
    'printf "FROM busybox\\nCOPY x /\\n" | docker build -',
  ),
  form('a tar on the standard input', 'docker build -t built - < "$SERVED/context.tar"'),
  form('a tar with gzip on the standard input', 'docker build - < "$SERVED/context.tgz"'),
  form('a tar with bzip2 on the standard input', 'bzip2 < "$SERVED/context.tar" | docker build -'),
  form('a tar with xz on the standard input', 'xz < "$SERVED/context.tar" | docker build -'),
  form(
    'a Dockerfile of a tar on the standard input',
    'docker build -f sub/Dockerfile - < "$SERVED/context.tar"',
  ),
  form(
    'a Dockerfile that a tar on the standard input has not',
    'docker build -f nowhere - < "$SERVED/context.tar"',
  ),
  form('an empty standard input', 'docker build - < /dev/null'),
  form('garbage on the standard input', 'head -c 3000 /dev/zero | tr "\\\\0" x | docker build -'),
  form(
    'a context and a Dockerfile on the standard input',
    'echo c > file; printf "FROM busybox\\nCOPY . /c\\nRUN ls -A /c; cat /c/file\\n" | docker build -f - .',
  ),
  form('both on the standard input', 'docker build -f - - < /dev/null'),
  form(
    'a Dockerfile outside of the context',
    'mkdir c o; echo c > c/file; printf "FROM busybox\\nCOPY . /c\\nRUN ls -A /c\\n" > o/D; docker build -f o/D c',
  ),
  form(
    'a Dockerfile of another name within the context',
    'mkdir -p c/d; printf "FROM busybox\\nCOPY . /c\\nRUN ls -A /c /c/d\\n" > c/d/D; docker build -f c/d/D c; cd c; docker build -f d/D .',
  ),
  form('dockerfile in small letters', 'printf "FROM busybox\\n" > dockerfile; docker build .'),
  form('a Dockerfile that is a link', 'printf "FROM busybox\\n" > D; ln -s D Dockerfile; docker build .'),
  form('a Dockerfile that is a folder', 'mkdir Dockerfile; docker build .'),
  form(
    'a Dockerfile with Windows line ends',
    'printf "FROM busybox\\r\\nRUN echo a \\\\\\r\\n b\\r\\n" | docker build -',
  ),
  form(
    'a Dockerfile with a byte order mark',
    'printf "\\357\\273\\277FROM busybox\\nRUN true\\n" > Dockerfile; docker build .',
  ),
  form('a context that is not there', 'docker build nowhere'),
  form('a context that is a file', 'echo > file; docker build file'),
  form('no context', 'docker build'),
  form('no Dockerfile', 'docker build .'),
  form('an empty Dockerfile', ': > Dockerfile; docker build .'),
  form('a Dockerfile of comments', 'dockerfile "# one" "# two"; docker build .'),
  form(
    'a context with a link, a fifo and a hole',
    `
    echo a > a; ln -s a l; ln a h; ln -s /nowhere dangling; mkfifo f; truncate -s 100000 hole
    dockerfile 'FROM busybox' 'COPY . /c' 'RUN ls -lA /c | sed 1d | awk "{print \\$1, \\$2, \\$3, \\$5, \\$9, \\$10, \\$11}"'
    docker build .`,
  ),
  form(
    'compressed on its way',
    'echo a > a; dockerfile "FROM busybox" "COPY a /" "RUN cat /a"; docker build --compress .',
  ),

  // fetched
  form(
    'a Dockerfile that the daemon fetches',
    'post "http://x/build?remote=http://127.0.0.1:8000/Dockerfile"',
  ),
  form('a tar that the daemon fetches', 'post "http://x/build?remote=http://127.0.0.1:8000/context.tar"'),
  form(
    'a tar with gzip that the daemon fetches',
    'post "http://x/build?remote=http://127.0.0.1:8000/context.tgz&dockerfile=sub/Dockerfile"',
  ),
  form(
    'a file that is no Dockerfile, fetched',
    'post "http://x/build?remote=http://127.0.0.1:8000/empty.txt"',
  ),
  form('a file that is not there, fetched', 'post "http://x/build?remote=http://127.0.0.1:8000/nowhere"'),
  form('a server that is not there', 'post "http://x/build?remote=http://127.0.0.1:1/context.tar"'),
  form('what is no address, fetched', 'post "http://x/build?remote=nonsense"'),
  form(
    'a repository that the daemon clones',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git"',
  ),
  form(
    'a branch of a repository',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git%23other"',
  ),
  form(
    'a folder of a branch',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git%23other:sub"',
  ),
  form(
    'a folder of the first branch',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git%23:sub"',
  ),
  form(
    'a branch that is not there',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git%23nowhere"',
  ),
  form(
    'a folder that is not there',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git%23:nowhere"',
  ),
  form(
    'a folder outside of the repository',
    'post "http://x/build?remote=http://127.0.0.1:8000/repository.git%23:../.."',
  ),

  // fetched by the client, in the network of the daemon
  ...[
    ['a Dockerfile', 'http://127.0.0.1:8000/Dockerfile'],
    ['a tar', 'http://127.0.0.1:8000/context.tar'],
    ['a tar with gzip, its Dockerfile in a folder', '-f sub/Dockerfile http://127.0.0.1:8000/context.tgz'],
    ['a repository', 'http://127.0.0.1:8000/repository.git'],
    ['a folder of a branch', 'http://127.0.0.1:8000/repository.git#other:sub'],
    ['a branch that is not there', 'http://127.0.0.1:8000/repository.git#nowhere'],
    ['what is not there', 'http://127.0.0.1:8000/nowhere'],
  ].map(([name, address]) =>
    form(
      `docker build of an address: ${name}`,
      `nsenter --net=/proc/$PID/ns/net docker build --no-cache ${address}`,
    ),
  ),

  // what comes of it
  form(
    'names',
    'dockerfile "FROM busybox" "ENV N=1"; docker build -t a -t b:1 -t localhost:1/c/d:e -t a . && docker images --format "{{.Repository}}:{{.Tag}}" | grep -E "^(a|b|localhost:1/c/d):" | sort',
  ),
  form('a wrong name', 'dockerfile "FROM busybox"; docker build -t "Bad Name" .'),
  form('a name with capitals', 'dockerfile "FROM busybox"; docker build -t Upper .'),
  form(
    'a name with a digest',
    'dockerfile "FROM busybox"; docker build -t a@sha256:0000000000000000000000000000000000000000000000000000000000000000 .',
  ),
  form(
    'a file of its id',
    'dockerfile "FROM busybox" "ENV I=1"; docker build -q --iidfile id . && test "$(cat id)" = "$(docker build -q .)" && echo same',
  ),
  form(
    'a file of its id, failed',
    'dockerfile "FROM busybox" "RUN false"; echo old > id; docker build --iidfile id .; ls',
  ),
  form('quiet', 'dockerfile "FROM busybox" "RUN echo quiet"; docker build -q .'),
  form('quiet and failed', 'dockerfile "FROM busybox" "RUN echo said; exit 9"; docker build -q .'),
  form(
    'labels',
    'dockerfile "FROM busybox" "LABEL a=file b=file"; docker build -q -t l --label a=flag --label c --label "d=e f" . >/dev/null; docker inspect -f "{{json .Config.Labels}}" l',
  ),
  form('a label without a name', 'dockerfile "FROM busybox"; docker build --label =x .'),
  form(
    'arguments',
    'export FROM_ENV=env; dockerfile "FROM busybox" "ARG A=1" "ARG FROM_ENV=2" "ARG UNSET=3" "ARG EMPTY=4" "RUN echo $A,\\$A,\\$FROM_ENV,\\$UNSET,\\$EMPTY"; docker build --build-arg A=given --build-arg FROM_ENV --build-arg UNSET --build-arg EMPTY= .',
  ),
  form(
    'arguments that nothing declares',
    'dockerfile "FROM busybox"; docker build --build-arg Z=1 --build-arg http_proxy=x .',
  ),
  form(
    'an argument before FROM',
    'dockerfile "ARG V=nothing" "FROM \\${V}" "ARG V" "RUN echo \\$V"; docker build --build-arg V=busybox .',
  ),
  form(
    'an argument in the middle of the cache',
    'dockerfile "FROM busybox" "RUN echo before" "ARG A" "RUN echo \\$A"; docker build -q --build-arg A=1 . >/dev/null; docker build --build-arg A=2 .',
  ),
  form(
    'proxies of the configuration',
    `
    echo '{"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"localhost"}}}' > config.json
    dockerfile 'FROM busybox' 'RUN env | grep -i proxy | sort'
    docker --config . build -t proxied . && docker history --no-trunc --format '{{.CreatedBy}}' proxied
    docker inspect -f '{{json .Config.Env}}' proxied`,
  ),
  form(
    'a target',
    'dockerfile "FROM busybox AS one" "RUN echo 1" "FROM busybox AS two" "RUN echo 2" "FROM one" "RUN false"; docker build --target one .; docker build --target TWO .; docker build --target 1 .',
  ),
  form('a target that is not there', 'dockerfile "FROM busybox AS one"; docker build --target nowhere .'),
  form('a target by a number too large', 'dockerfile "FROM busybox AS one"; docker build --target 7 .'),
  form(
    'a stage that is not needed',
    'dockerfile "FROM busybox AS one" "RUN echo unneeded" "FROM busybox" "RUN echo needed"; docker build .',
  ),
  form(
    '--cache-from',
    'dockerfile "FROM busybox" "RUN echo c1" "RUN echo c2"; docker build -q -t cached . >/dev/null; docker build --cache-from cached .',
  ),
  form(
    '--cache-from what is not there',
    'dockerfile "FROM busybox" "RUN echo new base"; docker build --cache-from nowhere/none:1 .',
  ),
  form(
    '--no-cache',
    'dockerfile "FROM busybox" "ENV A=b" "ARG C" "WORKDIR /w" "COPY Dockerfile /" "RUN echo c1" "CMD [\\"x\\"]"; docker build -q . >/dev/null; docker build --no-cache .',
  ),
  form(
    'from the cache',
    'dockerfile "FROM busybox" "ENV A=b" "ARG C" "WORKDIR /w" "COPY Dockerfile /" "RUN echo c1" "CMD [\\"x\\"]"; docker build .',
  ),
  form('--pull of what no registry has', 'dockerfile "FROM 127.0.0.1:1/none"; docker build --pull .'),
  form(
    'containers kept, and all removed',
    'dockerfile "FROM busybox" "RUN echo rm"; docker build --no-cache --rm=false .; docker build --no-cache --force-rm .; docker ps -aq | xargs -r docker rm >/dev/null; dockerfile "FROM busybox" "RUN exit 5"; docker build --force-rm .',
  ),
  form(
    '--squash',
    'dockerfile "FROM busybox" "RUN echo a > /a" "RUN rm /a; echo b > /b"; docker build --squash -t squashed .',
  ),
  form(
    '--platform',
    'dockerfile "FROM busybox" "ARG TARGETARCH" "RUN echo p\\$TARGETARCH"; docker build --platform linux/amd64 .',
  ),
  form('a platform that is none', 'dockerfile "FROM busybox"; docker build --platform a/b/c/d .'),
  form('an isolation that is none', 'dockerfile "FROM busybox"; docker build --isolation hyperv .'),
  form('an isolation that is the default', 'dockerfile "FROM busybox"; docker build --isolation default .'),
  form('--security-opt', 'dockerfile "FROM busybox"; docker build --security-opt seccomp=unconfined .'),

  // how steps run
  form(
    '--network none',
    'dockerfile "FROM busybox" "RUN ls /sys/class/net"; docker build --no-cache --network none .',
  ),
  form(
    '--network host',
    'dockerfile "FROM busybox" "RUN wget -qO- http://127.0.0.1:8000/empty.txt"; docker build --no-cache --network host .',
  ),
  form(
    '--network container',
    `
    docker run -d --name server --network none busybox sh -c 'echo joined > /index.html; exec httpd -f -p 127.0.0.1:80 -h /' >/dev/null
    dockerfile 'FROM busybox' 'RUN wget -qO- http://127.0.0.1/'
    sleep 0.3; docker build --no-cache --network container:server .; docker rm -f server`,
  ),
  form(
    '--network of a container that is not there',
    'dockerfile "FROM busybox" "RUN true"; docker build --no-cache --network container:nobody .',
  ),
  form(
    '--network that is not there',
    'dockerfile "FROM busybox" "RUN true"; docker build --no-cache --network nowhere .',
  ),
  form(
    '--add-host',
    'dockerfile "FROM busybox" "RUN grep -E \\"ext|six\\" /etc/hosts"; docker build --no-cache --add-host ext:1.2.3.4 --add-host six:::1 --add-host ext2=1.2.3.5 .; docker build --add-host wrong .',
  ),
  form(
    '--add-host host-gateway',
    'dockerfile "FROM busybox" "RUN grep gate /etc/hosts"; docker build --no-cache --add-host gate:host-gateway .',
  ),
  form(
    '--ulimit',
    'dockerfile "FROM busybox" "RUN ulimit -n; ulimit -Hn"; docker build --no-cache --ulimit nofile=100:200 .; docker build --ulimit wrong=1 .; docker build --ulimit nofile=9:8 .',
  ),
  form(
    '--memory',
    'dockerfile "FROM busybox" "RUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true"; docker build --no-cache --memory 64m --memory-swap 64m .',
  ),
  form(
    'a wrong memory',
    'dockerfile "FROM busybox" "RUN true"; docker build --memory lots .; docker build --no-cache --memory 1k .; docker build --no-cache --memory 64m --memory-swap 32m .',
  ),
  form(
    '--cpu',
    'dockerfile "FROM busybox" "RUN cd /sys/fs/cgroup; cat cpu/cpu.shares cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpuset/cpuset.cpus 2>/dev/null; true"; docker build --no-cache --cpu-shares 300 --cpu-quota 20000 --cpu-period 50000 --cpuset-cpus 0 .',
  ),
  form(
    'a wrong cpu',
    'dockerfile "FROM busybox" "RUN true"; docker build --cpu-shares x . 2>&1 | head -n1; docker build --no-cache --cpuset-cpus 999 .; docker build --no-cache --cpu-period 1 .',
  ),
  form(
    '--shm-size',
    'dockerfile "FROM busybox" "RUN df -k /dev/shm | tail -n1 | awk \\"{print \\\\$2}\\""; docker build --no-cache --shm-size 8m .; docker build --shm-size x .',
  ),
  form(
    'a cgroup parent',
    'dockerfile "FROM busybox" "RUN true"; docker build --no-cache --cgroup-parent /edge-parent .',
  ),

  // .dockerignore
  ...[
    ['comments, blanks and slashes', '# c\\n\\n/a\\n  b  \\nd/\\n./e\\n'],
    ['exceptions', '*\\n!a\\n!d/x\\n!Dockerfile\\n'],
    ['two stars', '**/x\\n!d/d2/x\\n'],
    ['a star and a question mark', '?\\nd/*2\\n'],
    ['ranges', '[ab]\\n'],
    ['the parent', '../a\\n'],
    ['everything', '*\\n'],
    ['a wrong pattern', '[\\n'],
    ['an exception without a name', '!\\n'],
    ['a byte order mark', '\\357\\273\\277a\\n'],
  ].map(([name, ignore]) =>
    form(
      `.dockerignore: ${name}`,
      `
      for f in a b c e; do echo $f > $f; done; mkdir -p d/d2; echo x > d/x; echo x > d/d2/x; echo x > x
      dockerfile 'FROM busybox' 'COPY . /c/' 'RUN cd /c && find . | sort'
      printf '${ignore}' > .dockerignore; docker build .; docker build --no-cache -q - >/dev/null < Dockerfile; echo $?`,
    ),
  ),
  form(
    '.dockerignore of a context that is sent whole',
    `
    for f in a b; do echo $f > $f; done; echo a > .dockerignore
    dockerfile 'FROM busybox' 'COPY . /c/' 'RUN find /c | sort'; tar -c . | docker build -`,
  ),

  // what goes wrong
  form('an unknown instruction', 'dockerfile "FROM busybox" "NOSUCH x"; docker build .'),
  form('an instruction with a slip', 'dockerfile "FROM busybox" "RUNN x"; docker build .'),
  form('an instruction without arguments', 'dockerfile "FROM busybox" "ENV"; docker build .'),
  form('ENV with one word', 'dockerfile "FROM busybox" "ENV a"; docker build .'),
  form('no FROM', 'dockerfile "RUN true"; docker build .'),
  form('FROM without a name', 'dockerfile "FROM"; docker build .'),
  form('FROM with too much', 'dockerfile "FROM a b c"; docker build .'),
  form(
    'FROM of a wrong name',
    'dockerfile "FROM Wrong Name"; docker build .; dockerfile "FROM Wrong"; docker build .',
  ),
  form('FROM of an empty variable', 'dockerfile "ARG V" "FROM \\$V"; docker build .'),
  form('a flag that is none', 'dockerfile "FROM busybox" "COPY --nosuch=1 a b"; docker build .'),
  form('RUN --mount', 'dockerfile "FROM busybox" "RUN --mount=type=tmpfs,target=/t true"; docker build .'),
  form('a heredoc', 'dockerfile "FROM busybox" "RUN <<E" "echo hi" "E"; docker build .'),
  form('COPY of what is not there', 'dockerfile "FROM busybox" "COPY nowhere /"; docker build .'),
  form('COPY of what no pattern finds', 'dockerfile "FROM busybox" "COPY no*where /"; docker build .'),
  form('COPY from the parent', 'dockerfile "FROM busybox" "COPY ../x /"; docker build .'),
  form(
    'COPY of many to a file',
    'echo a > a; echo b > b; dockerfile "FROM busybox" "COPY a b /c"; docker build .',
  ),
  form(
    'COPY from a stage that is not there',
    'dockerfile "FROM busybox" "COPY --from=Nowhere /a /"; docker build .',
  ),
  form('COPY from itself', 'dockerfile "FROM busybox AS x" "COPY --from=x /a /"; docker build .'),
  form(
    'COPY from a stage without the file',
    'dockerfile "FROM busybox AS x" "FROM busybox" "COPY --from=x /nowhere /"; docker build .',
  ),
  form(
    'COPY --chown of nobody',
    'echo a > a; dockerfile "FROM busybox" "COPY --chown=nosuch a /"; docker build .',
  ),
  form('COPY without enough', 'dockerfile "FROM busybox" "COPY a"; docker build .'),
  form(
    'ADD of a server that is not there',
    'dockerfile "FROM busybox" "ADD http://127.0.0.1:1/x /"; docker build .',
  ),
  form(
    'ADD of an address without a name',
    'dockerfile "FROM busybox" "ADD http://127.0.0.1:1/ /x/"; docker build .',
  ),
  form('a program that is not there', 'dockerfile "FROM busybox" "RUN [\\"nosuch\\"]"; docker build .'),
  form('a step that is killed', 'dockerfile "FROM busybox" "RUN kill -9 \\$\\$"; docker build .'),
  form(
    'a shell that is not there',
    'dockerfile "FROM scratch" "COPY Dockerfile /" "RUN true"; docker build .',
  ),
  form('RUN from scratch at once', 'dockerfile "FROM scratch" "RUN true"; docker build .'),
  form('a user that is nobody', 'dockerfile "FROM busybox" "USER nosuch" "RUN true"; docker build .'),
  form('a port that is none', 'dockerfile "FROM busybox" "EXPOSE x"; docker build .'),
  form('a signal that is none', 'dockerfile "FROM busybox" "STOPSIGNAL NOSUCH"; docker build .'),
  form(
    'a healthcheck that is none',
    'dockerfile "FROM busybox" "HEALTHCHECK WHAT x"; docker build .; dockerfile "FROM busybox" "HEALTHCHECK --interval=x CMD y"; docker build .',
  ),
  form(
    'ONBUILD of ONBUILD',
    'dockerfile "FROM busybox" "ONBUILD ONBUILD RUN x"; docker build .; dockerfile "FROM busybox" "ONBUILD FROM x"; docker build .',
  ),
  form('a shell in words', 'dockerfile "FROM busybox" "SHELL sh"; docker build .'),
  form('a volume without a name', 'dockerfile "FROM busybox" "VOLUME [\\"\\"]"; docker build .'),
  form(
    'a variable written wrong',
    'dockerfile "FROM busybox" "ENV A=\\${B" ; docker build .; dockerfile "FROM busybox" "ENV A=\\${B:!x}"; docker build .',
  ),
  form('a quote that is open', 'dockerfile "FROM busybox" "ENV A=\\"x"; docker build .'),
  form('the same stage twice', 'dockerfile "FROM busybox AS a" "FROM busybox AS a"; docker build .'),
  form('a stage with a wrong name', 'dockerfile "FROM busybox AS 1a"; docker build .'),
  form(
    'a directive that is none',
    'dockerfile "# escape=x" "FROM busybox"; docker build .; dockerfile "# escape=\\\\" "# escape=\\\\" "FROM busybox"; docker build .',
  ),

  // what is left
  form(
    'history',
    'docker history --format "{{.CreatedBy}}|{{.Size}}|{{.Comment}}" built; docker history -q built | sed 1q; docker history --no-trunc --human=false --format "{{.CreatedBy}}" built',
  ),
  form(
    'an image that was built',
    'docker inspect -f "{{json .Config}} {{.Parent}} {{.Os}} {{.Architecture}} {{.Author}} {{.Comment}}" built',
  ),
  form(
    'removal of an image that was built',
    'dockerfile "FROM busybox" "ENV R=1" "RUN echo remove > /remove"; docker build -q -t removed . >/dev/null; docker rmi removed',
  ),
  form('builder prune of what is young', 'docker builder prune -f --filter until=100h'),
  form('builder prune of a wrong time', 'docker builder prune -f --filter until=x'),
  form('builder prune of a wrong filter', 'docker builder prune -f --filter nosuch=x'),
  form('builder prune, asked', 'echo n | docker builder prune'),
  form('image prune', 'docker image prune -f | tail -n1 | cut -d: -f1'),
  form('disk usage', 'docker system df -v | grep -E "^[A-Z][a-z]+ (space )?usage|^CACHE"'),
];

const newer = 'worded as Docker 28 does; the reference is 20.10';
const graph = 'stages that the target does not need are not built, as with BuildKit';
const temporary = 'the message of dockerd names a temporary file of its own';
const known = 'refused before the first step, as with BuildKit';

/** Forms that come out otherwise, on purpose, and why; one that comes out the same after all fails the suite. */
export const formDifferences: Readonly<Record<string, string>> = {
  'garbage on the standard input': 'an instruction of thousands of letters is not told whole',
  'a Dockerfile that is a folder': temporary,
  'a file that is not there, fetched': 'what a server that refuses says is not passed on to the client',
  'a repository that the daemon clones':
    'the cache knows files by content and mode, not by the time of the clone',
  'a branch that is not there': "git's exit status is left out",
  'a folder that is not there': temporary,
  'a folder outside of the repository': temporary,
  'proxies of the configuration':
    'proxies leave no trace: an image is the same wherever it is built; dockerd writes |0 in its history',
  'a target': 'a target may be a number, as with BuildKit; and what it does not need is not built',
  'a target that is not there': newer,
  'a target by a number too large': newer,
  'a stage that is not needed': graph,
  '--platform': 'the platform arguments have values, as with BuildKit; the classic builder knows none',
  'an instruction with a slip': 'the instruction that may be meant is named, as by Docker 28',
  'FROM of an empty variable': known,
  'a flag that is none': newer,
  'RUN --mount': 'there is one builder, and it mounts',
  'a heredoc': 'there is one parser, and it reads heredocs',
  'COPY from itself': known,
  'a variable written wrong': newer,
  'the same stage twice': 'the later stage of a name is the one that is meant, as with BuildKit',
  history: 'a step names its key in its comment, which is what --cache-from finds',
  'an image that was built': 'the comment of an image is that of its last step, which names its key',
  'builder prune of a wrong time': 'a moment is taken too, as for other prunes',
  'disk usage': 'classic builds fill the one cache that there is; dockerd keeps theirs among its images',
};
