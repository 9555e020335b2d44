#!/bin/sh
# Runs every test and prints the counts:
#
#     npm test                 all: the check, then kernel, interop and differential tests
#     npm test -- kernel       one of check, kernel, interop, differential
#     npm test -- test/kernel/cgroup.test.ts
#
# Needs root for all but the unit tests. Installs Debian packages that the tests compare with or need.
set -u
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
sh scripts/setup.sh || exit 1
bin=node_modules/.bin
failed=0
rm -rf build/counts && mkdir -p build/counts

# run NAME CONCURRENCY FILES...
run() {
  name=$1; jobs=$2; shift 2
  [ $# -gt 0 ] || return 0
  printf '\n== %s\n' "$name"
  $bin/node --test --test-concurrency="$jobs" --test-timeout=600000 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=./scripts/count-reporter.js --test-reporter-destination="build/counts/$name.json" \
    "$@" || failed=1
}

prepare() {
  sh scripts/packages.sh docker=docker.io dockerd=docker.io docker-registry=docker-registry htpasswd=apache2-utils \
    busybox=busybox-static fsck.erofs=erofs-utils nft=nftables ip=iproute2 iptables=iptables openssl=openssl \
    runc=runc python3=python3 script=bsdutils chromium=chromium docker-compose=docker-compose git=git curl=curl xz=xz-utils bzip2=bzip2 \
    skopeo=skopeo buildah=buildah podman=podman
  # clients of registries that Debian has not: tests of theirs skip where they cannot be had
  sh test/fixtures/registry-conformance-clients.sh >/dev/null 2>&1 || echo "crane, regctl and oras could not be installed"
  # Docker's SDK for Python: from pip where that may install, else Debian's
  python3 -c 'import docker' 2>/dev/null || python3 -m pip install --quiet docker >/dev/null 2>&1 ||
    sh scripts/packages.sh docker-sdk=python3-docker
  if [ -x ../shared/vm/run ]; then
    ../shared/vm/run --prepare >/dev/null 2>&1 || echo "The virtual machine with cgroup v2 could not be prepared"
  else
    echo "../shared is not there: the tests that use it skip"
  fi
}

snapshot() { node_modules/.bin/node scripts/machine-state.js; }

suites=${*:-check kernel interop differential}
case " $suites " in *" kernel "*|*" interop "*|*" differential "*|*/*) prepare; before=$(snapshot) ;; esac

for suite in $suites; do
  case $suite in
    check)
      printf '\n== format, lint, types\n'
      { $bin/biome ci --error-on-warnings . && $bin/tsc -p . && $bin/tsc -p src/hub/web && echo clean; } || failed=1
      run unit 2 $(find src -name '*.test.ts' | sort) ;;
    kernel|interop|differential) run $suite 1 $(find test/$suite -name '*.test.ts' 2>/dev/null | sort) ;;
    *) run "$(basename "$suite" .test.ts)" 1 "$suite" ;;
  esac
done

if [ -n "${before:-}" ]; then
  printf '\n== left behind\n'
  node_modules/.bin/node scripts/machine-state.js --compare "$before" || failed=1
fi

printf '\n'
node_modules/.bin/node scripts/sum-counts.js build/counts || failed=1
exit $failed
