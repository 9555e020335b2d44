#!/bin/sh
# Makes the checkout ready: installs the npm packages and compiles native/. Quick when nothing has changed.
set -eu
cd "$(dirname "$0")/.."

for tool in node npm cc; do
  command -v $tool >/dev/null 2>&1 || { echo "Hoist needs $tool: install it (Debian: apt-get install nodejs npm gcc libc6-dev) and run this again" >&2; exit 1; }
done

stamp=node_modules/.hoist-lock
if [ ! -f "$stamp" ] || ! cmp -s package-lock.json "$stamp"; then
  echo "Installing packages…"
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$stamp"
fi

newest=$(ls -t native/* scripts/build.sh 2>/dev/null | head -n 1)
if [ ! -f build/sys.node ] || [ "$newest" -nt build/sys.node ] || [ ! -f dist/hoist ] || [ -n "$(find src -name '*.ts' -newer dist/hoist 2>/dev/null | head -n 1)" ]; then
  echo "Compiling…"
  sh scripts/build.sh
fi

# the Hub's page, where Vite is installed: it is built of more than TypeScript
page=dist/hub-web/index.html
if [ -f node_modules/vite/bin/vite.js ]; then
  if [ ! -f $page ] || [ -n "$(find src/hub/web src/hub/api scripts/build-web.sh -type f -newer $page 2>/dev/null | head -n 1)" ]; then
    sh scripts/build-web.sh || echo "The Hub's page could not be built: the Hub goes without it" >&2
  fi
fi
