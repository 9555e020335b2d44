#!/bin/sh
# Does all the set-up, starts hoistd on its defaults, and runs a first container, showing each step.
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
cat <<END

What to try next:
  bin/hoist run -d --name web -p 8080:80 busybox httpd -f -h /etc    then: curl http://127.0.0.1:8080/hostname
  bin/hoist ps,  bin/hoist logs web,  bin/hoist exec -it web sh,  bin/hoist rm -f web
  printf 'FROM busybox\nRUN echo built > /hello\n' | bin/hoist build -t hello -     an image of your own
  DOCKER_HOST=unix://$socket docker ps                               any Docker client works too
  npm stop                                                           ends hoistd and everything it runs
END
