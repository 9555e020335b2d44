#!/bin/sh
# Builds dist/hoist, the command line in one file: the small host with its modules, and behind it the full program
# (bun's), which it becomes where more than a Unix socket is wanted. Where QuickJS cannot be had, the full program alone.
set -eu
cd "$(dirname "$0")/.."
bin=node_modules/.bin
mkdir -p build dist

"$bin/bun" build --compile --bytecode --minify --outfile build/hoist-full src/cli/main.ts >/dev/null

# QuickJS comes as source in the npm package qjsc, of which nothing else is wanted: fetched, not installed.
version=0.3.0
integrity=a7+cU6/IVcZbIejffdt/wZVMX6LL2MDL3HQ9Zb5Gm23G9DvBMS/z9GHFxz39bAvp2PvMOM+ypSOAyokt2DdZ2w==
sources=build/quickjs
if [ ! -f $sources/quickjs.c ]; then
  (cd build && npm pack "qjsc@$version" --silent >/dev/null 2>&1) || true
  packed=build/qjsc-$version.tgz
  digest=$(node -p 'require("node:crypto").createHash("sha512").update(require("node:fs").readFileSync(process.argv[1])).digest("base64")' $packed 2>/dev/null || true)
  if [ "$digest" != "$integrity" ]; then
    echo "QuickJS could not be fetched: hoist starts more slowly" >&2
    rm -f $packed
    cp build/hoist-full dist/hoist.tmp
    mv dist/hoist.tmp dist/hoist
    exit 0
  fi
  rm -rf $sources.tmp && mkdir -p $sources.tmp
  tar xzf $packed -C $sources.tmp --strip-components=3 package/deps/quickjs_2021_03_27
  mv $sources.tmp $sources
  rm -f $packed
fi

cc=${CC:-cc}
if command -v musl-gcc >/dev/null 2>&1; then cc=musl-gcc; fi
objects=
for unit in quickjs libregexp libunicode cutils libbf; do
  object=$sources/$unit.o
  [ -f $object ] || $cc -O2 -w -D_GNU_SOURCE -DCONFIG_VERSION='"2021-03-27"' -DCONFIG_BIGNUM -c $sources/$unit.c -o $object
  objects="$objects $object"
done

flags="-std=gnu11 -O2 -Wall -Wextra -Werror -static -isystem $sources"
$cc $flags -DCOMPILER native/cli-host.c $objects -lm -o build/cli-compiler
node scripts/bundle-cli.js | xargs build/cli-compiler build/cli-modules.h
$cc $flags -Ibuild native/cli-host.c $objects -lm -o build/cli-host
node -e '
  const fs = require("node:fs");
  const full = fs.readFileSync("build/hoist-full");
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(full.length));
  fs.writeFileSync("dist/hoist.tmp", Buffer.concat([fs.readFileSync("build/cli-host"), full, size, Buffer.from("HOISTFULL")]), { mode: 0o755 });
'
mv dist/hoist.tmp dist/hoist
