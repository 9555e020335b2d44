#!/bin/sh
# Builds the Hub's page from src/hub/web into dist/hub-web. Written beside its place and put there whole.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/dist/hub-web
new=$out.$$
trap 'rm -rf "$new" "$new.old"' EXIT
mkdir -p dist
HUB_WEB_OUT=$new node_modules/.bin/node node_modules/vite/bin/vite.js build --config src/hub/web/vite.config.ts --logLevel warn
if [ -d "$out" ]; then mv "$out" "$new.old"; fi
mv "$new" "$out"
