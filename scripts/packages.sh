#!/bin/sh
# Installs Debian packages that are missing, without starting any service they bring:
#
#     scripts/packages.sh dockerd=docker.io docker-registry=docker-registry
#
# Each argument is <program>=<package>; a program that is on PATH needs no package. Where there is no apt, it says so and goes on.
set -eu
PATH=$PATH:/usr/sbin:/sbin
wanted=
for pair in "$@"; do
  command -v "${pair%%=*}" >/dev/null 2>&1 || wanted="$wanted ${pair#*=}"
done
[ -n "$wanted" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "Missing (install them for the tests that use them):$wanted" >&2
  exit 0
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
echo "Installing$wanted…"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null 2>&1 || true
apt-get install -y -qq --no-install-recommends $wanted >/dev/null || echo "Could not install:$wanted" >&2
