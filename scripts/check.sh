#!/bin/sh
# What each commit passes: format, lint, types, doors and unit tests, in under a minute.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
bin=node_modules/.bin
$bin/biome ci --error-on-warnings .
$bin/tsc -p .
$bin/tsc -p src/hub/web
$bin/node --test --test-reporter=dot 'src/**/*.test.ts'
