#!/bin/sh
# Compiles native/ into build/ with plain cc (the shim static, with musl where musl-gcc is there), and the command
# line into dist/hoist where bun is installed. Each output is written beside its place and renamed into it.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build dist
cc=${CC:-cc}
warnings="-std=gnu11 -O2 -Wall -Wextra -Werror"
headers=node_modules/node-api-headers/include

$cc $warnings -shared -fPIC -I"$headers" native/sys.c -o build/sys.node.tmp
mv build/sys.node.tmp build/sys.node

shim=
for name in shim make play keep logfile tape netlink init; do shim="$shim native/$name.c"; done
if [ -f native/shim.c ]; then
  shimcc=$cc
  if command -v musl-gcc >/dev/null 2>&1; then shimcc=musl-gcc; fi
  if [ "$shimcc" = musl-gcc ]; then
    # musl's own headers come without the kernel's: lend it the system's
    mkdir -p build/kernel-headers
    for name in linux asm-generic; do ln -sfn /usr/include/$name build/kernel-headers/$name; done
    asm=/usr/include/asm
    [ -d "$asm" ] || asm=/usr/include/$($cc -dumpmachine)/asm
    ln -sfn "$asm" build/kernel-headers/asm
    $shimcc $warnings -static -Os -idirafter build/kernel-headers $shim -o build/hoist-shim.tmp
  else
    $shimcc $warnings -static $shim -o build/hoist-shim.tmp
  fi
  mv build/hoist-shim.tmp build/hoist-shim
fi

if [ -d node_modules/esbuild ]; then node scripts/bundle-library.js; fi

if [ -f node_modules/vite/bin/vite.js ]; then
  sh scripts/build-web.sh || echo "The Hub's page could not be built: the Hub goes without it" >&2
fi

if [ -x node_modules/.bin/bun ] && [ -f src/cli/main.ts ]; then sh scripts/build-cli.sh; fi

# The daemon's modules are compiled now rather than at its first start: it then needs 16 MB less
bin/hoistd --version >/dev/null 2>&1 || true
