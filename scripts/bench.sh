#!/bin/sh
# Measures Hoist beside a real dockerd in the same run, prints the table and keeps it in bench/RESULTS.md:
#
#     npm run bench                 every row
#     npm run bench -- run exec     those rows (see bench/run.ts)
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
sh scripts/setup.sh
sh scripts/packages.sh docker=docker.io dockerd=docker.io docker-registry=docker-registry busybox=busybox-static ip=iproute2 iptables=iptables runc=runc debootstrap=debootstrap strace=strace
exec node_modules/.bin/node bench/run.ts "$@"
