/**
 * Bundles the command line for its small host into build/cli: modules of ES2020, one for the start and one for each
 * command, with the host's own platform in place of Node's. Prints `NAME=FILE` for each.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const out = join(root, 'build/cli');
const small = (file) => join(root, 'src/cli/quickjs', file);

const replacements = {
  name: 'small-host',
  setup(bundler) {
    bundler.onResolve({ filter: /\/platform\.ts$/ }, ({ importer }) =>
      importer.includes('/quickjs/') ? undefined : { path: small('platform.ts') },
    );
    bundler.onResolve({ filter: /node-connect\.ts$/ }, ({ importer }) =>
      importer.includes('/quickjs/') ? undefined : { path: small('node-connect.ts') },
    );
    bundler.onResolve({ filter: /local-output\.ts$/ }, () => ({ path: small('local-output.ts') }));
    bundler.onResolve({ filter: /copy-tree\.ts$/ }, () => ({ path: small('copy-tree.ts') }));
    bundler.onResolve({ filter: /^#/ }, ({ path }) => ({ path: join(root, 'src', path.slice(1)) }));
    bundler.onResolve({ filter: /^node:crypto$/ }, () => ({ path: small('crypto.ts') }));
    bundler.onResolve({ filter: /^node:|^bun/ }, ({ path, importer }) => ({
      errors: [{ text: `${importer} imports ${path}: only the platform may` }],
    }));
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: { main: small('main.ts') },
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2020',
  supported: {
    'class-private-field': true,
    'class-private-accessor': true,
    'class-private-method': true,
    'class-private-brand-check': false,
    'logical-assignment': true,
  },
  minify: true,
  keepNames: false,
  chunkNames: '[name]-[hash]',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  plugins: [replacements],
});
for (const file of readdirSync(out)) console.log(`${file}=${join(out, file)}`);
