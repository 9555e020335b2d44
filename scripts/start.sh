#!/bin/sh
# Does all the set-up, starts hoistd on its defaults and the Hub beside it, and runs a first container, showing each step.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
PATH=$PATH:/usr/sbin:/sbin
socket=/run/hoist/hoist.sock
hoist="$root/bin/hoist"
unset DOCKER_HOST HOIST_HOST DOCKER_CONTEXT

[ "$(id -u)" = 0 ] || { echo "hoistd makes namespaces, mounts and networks: run this as root" >&2; exit 1; }
sh scripts/setup.sh

if "$hoist" version >/dev/null 2>&1; then
  echo "hoistd is running already on $socket"
else
  mkdir -p /run/hoist
  setsid "$root/bin/hoistd" >>/run/hoist/hoistd.log 2>&1 </dev/null &
  tries=0
  until "$hoist" version >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 150 ]; then
      echo "hoistd did not start; the end of /run/hoist/hoistd.log:" >&2
      tail -n 20 /run/hoist/hoistd.log >&2
      exit 1
    fi
    sleep 0.1
  done
  echo "hoistd is up on $socket (log: /run/hoist/hoistd.log)"
fi

# The Hub starts meanwhile. A port that is taken is somebody else's: the next one is tried.
hub_pidfile=/run/hoist/hub.pid
hub_log=/run/hoist/hub.log
hub_runs() { grep -qs hub/program/main.ts "/proc/$(cat $hub_pidfile 2>/dev/null || echo none)/cmdline"; }
start_hub() {
  for port in 5000 5050 5055; do
    setsid "$root/bin/hoist-hub" serve --listen "127.0.0.1:$port" --pidfile $hub_pidfile >$hub_log 2>&1 </dev/null &
    pid=$!
    while kill -0 $pid 2>/dev/null && ! grep -q '^Hoist Hub' $hub_log; do sleep 0.1; done
    grep -q EADDRINUSE $hub_log || break
  done
}
if ! hub_runs; then
  : >$hub_log
  start_hub &
fi

if ! "$hoist" image inspect busybox >/dev/null 2>&1; then
  echo "Pulling busybox from the default registry…"
  if ! "$hoist" pull busybox 2>/tmp/hoist-pull.$$; then
    echo "No registry answered ($(tail -n 1 /tmp/hoist-pull.$$ | cut -c1-160))."
    echo "Making the image busybox from this machine's busybox instead."
    sh scripts/busybox-image.sh | "$hoist" import --change 'CMD ["sh"]' --message 'from the busybox of this machine' - busybox:latest >/dev/null
  fi
  rm -f /tmp/hoist-pull.$$
fi

echo
if [ -t 0 ] && [ -t 1 ]; then
  echo "\$ hoist run -i -t --rm busybox sh      (leave it with exit)"
  "$hoist" run --steps -i -t --rm busybox sh || true
else
  command='echo "Hello from $(hostname), $(ip -4 -o addr show eth0 | tr -s " " | cut -d" " -f4)"'
  echo "\$ hoist run --rm busybox sh -c '$command'"
  "$hoist" run --steps --rm busybox sh -c "$command"
fi

tries=0
until hub=$(sed -n 's/^Hoist Hub [^:]*: http:\/\///p' $hub_log 2>/dev/null | tail -n 1) && [ -n "$hub" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 150 ]; then
    echo "The Hub did not start; the end of $hub_log:" >&2
    tail -n 5 $hub_log >&2
    break
  fi
  sleep 0.1
done
if [ -n "$hub" ]; then
  echo
  echo "The Hub is up: http://$hub in a browser (log: $hub_log)"
  if grep -q 'no administrator yet' $hub_log && ! bin/hoist-hub user list | grep -q ' administrator '; then
    echo "  printf %s 'A LONG PASSWORD' | bin/hoist-hub user add NAME --admin --password-stdin      makes its first administrator"
  fi
  echo "  docker login localhost:${hub##*:}      then: docker tag busybox localhost:${hub##*:}/NAME/busybox, docker push …"
fi
cat <<END

What to try next:
  bin/hoist run -d --name web -p 8080:80 busybox httpd -f -h /etc    then: curl http://127.0.0.1:8080/hostname
  bin/hoist ps,  bin/hoist logs web,  bin/hoist exec -it web sh,  bin/hoist rm -f web
  printf 'FROM busybox\nRUN echo built > /hello\n' | bin/hoist build -t hello -     an image of your own
  DOCKER_HOST=unix://$socket docker ps                               any Docker client works too
  npm stop                                                           ends hoistd with everything it runs, and the Hub
END
