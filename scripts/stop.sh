#!/bin/sh
# Ends the Hub, hoistd and every container it runs, and leaves nothing of them on the machine. What they keep stays on disk.
set -eu
cd "$(dirname "$0")/.."
pidfile=/run/hoist/hoistd.pid
hoist=bin/hoist
unset DOCKER_HOST HOIST_HOST DOCKER_CONTEXT

hub=$(cat /run/hoist/hub.pid 2>/dev/null || true)
if [ -n "$hub" ] && kill "$hub" 2>/dev/null; then
  tries=0
  while kill -0 "$hub" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -le 350 ] || { echo "the Hub (pid $hub) does not end" >&2; exit 1; }
    sleep 0.1
  done
  echo "the Hub has ended; its images and accounts stay in /var/lib/hoist-hub"
fi

pid=$(cat $pidfile 2>/dev/null || true)
if [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null; then
  echo "hoistd is not running"
  exit 0
fi
running=$($hoist ps -q 2>/dev/null || true)
[ -z "$running" ] || $hoist stop --time 5 $running >/dev/null || true
kill "$pid"
tries=0
while kill -0 "$pid" 2>/dev/null; do
  tries=$((tries + 1))
  [ $tries -le 300 ] || { echo "hoistd (pid $pid) does not end" >&2; exit 1; }
  sleep 0.1
done
echo "hoistd has ended; images and volumes stay in /var/lib/hoist"
