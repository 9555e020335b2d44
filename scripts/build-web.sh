#!/bin/sh
# Builds the Hub's page from src/hub/web into dist/hub-web. Written beside its place and put there whole.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/dist/hub-web
rm -rf "$out.new"
HUB_WEB_OUT=$out.new node_modules/.bin/node node_modules/vite/bin/vite.js build --config src/hub/web/vite.config.ts --logLevel warn
rm -rf "$out.old"
if [ -d "$out" ]; then mv "$out" "$out.old"; fi
mv "$out.new" "$out"
rm -rf "$out.old"
