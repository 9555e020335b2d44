import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const output = process.env['HUB_WEB_OUT'] ?? join(root, '../../../dist/hub-web');

/** The page as it is served: files named by their content, each beside its compressed forms. */
export default defineConfig({
  root,
  base: '/',
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressed()],
  build: {
    outDir: output,
    emptyOutDir: true,
    assetsDir: '-/assets',
    // the Hub's policy takes nothing from data:
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

/** Writes `x.br` and `x.gz` beside each script and style sheet. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const folder = join(output, '-/assets');
      for (const name of readdirSync(folder).filter((file) => /\.(?:js|css)$/.test(file))) {
        const bytes = readFileSync(join(folder, name));
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, quality));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
