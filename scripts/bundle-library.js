/**
 * Bundles the library into dist/lib: `engine.js` (openEngine) and `client.js` (connect), for programs that have the
 * package among their dependencies, where Node runs no TypeScript. The addon and the shim stay in build/.
 */
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(new URL('.', import.meta.url).pathname, '..');

await build({
  entryPoints: { engine: join(root, 'src/engine/index.ts'), client: join(root, 'src/client/index.ts') },
  outdir: join(root, 'dist/lib'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [
    {
      name: 'rooms',
      setup(bundler) {
        bundler.onResolve({ filter: /^#/ }, ({ path }) => ({ path: join(root, 'src', path.slice(1)) }));
      },
    },
  ],
});
