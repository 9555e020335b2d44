import assert from 'node:assert/strict';
import test from 'node:test';
import type { FileInfo } from '#archive/file-source.ts';
import { digestOf } from '#oci/digest.ts';
import type { Context } from './context.ts';
import { emptyContext } from './empty-context.ts';
import { withoutIgnoredDockerfile } from './without-files.ts';

/** A context of these files; a directory for each folder in their names. */
function contextOf(files: Readonly<Record<string, string>>): Context {
  const inside = (path: string) => (path === '' ? '' : `${path}/`);
  const isFolder = (path: string) => Object.keys(files).some((name) => name.startsWith(inside(path)));
  const root = emptyContext().find('')!;
  const find = (path: string): FileInfo | undefined => {
    if (files[path] !== undefined) return { ...root, type: 'file', size: files[path].length };
    return path === '' || isFolder(path) ? root : undefined;
  };
  return {
    ...emptyContext(),
    find,
    list: (path) => [
      ...new Set(
        Object.keys(files)
          .filter((name) => name.startsWith(inside(path)))
          .map((name) => name.slice(inside(path).length).split('/')[0]!),
      ),
    ],
    open: async function* (path) {
      yield Buffer.from(files[path]!);
    },
    treeDigest: (path) =>
      digestOf(
        JSON.stringify(
          Object.entries(files).filter(([name]) => name === path || name.startsWith(inside(path))),
        ),
      ),
  };
}

const rules: [ignore: string, dockerfile: string, hidden: readonly string[]][] = [
  ['', 'Dockerfile', []],
  ['other', 'Dockerfile', []],
  ['Dockerfile', 'Dockerfile', ['Dockerfile']],
  ['*', 'Dockerfile', ['Dockerfile', '.dockerignore']],
  ['*\n!Dockerfile', 'Dockerfile', ['.dockerignore']],
  ['d', 'd/../d/Dockerfile', ['d/Dockerfile']],
  ['!', 'Dockerfile', []],
];
for (const [ignore, dockerfile, hidden] of rules) {
  test(`of ${dockerfile} with ${JSON.stringify(ignore)}, hidden: ${hidden.join(' ') || 'nothing'}`, async () => {
    const files = ['Dockerfile', 'd/Dockerfile', 'kept', '.dockerignore'];
    const whole = contextOf({
      ...Object.fromEntries(files.map((name) => [name, 'x'])),
      '.dockerignore': ignore,
    });
    const context = await withoutIgnoredDockerfile(whole, dockerfile);
    const seen = [...context.list(''), ...context.list('d').map((name) => `d/${name}`)];
    assert.deepEqual(
      files.filter((name) => !seen.includes(name)),
      files.filter((name) => hidden.includes(name)),
    );
    for (const name of hidden) {
      assert.equal(context.find(name), undefined);
      assert.throws(() => context.open(name), { kind: 'notFound' });
    }
  });
}

test('what is hidden is no part of a digest', async () => {
  const digest = async (dockerfile: string, kept: string) =>
    (
      await withoutIgnoredDockerfile(
        contextOf({ Dockerfile: dockerfile, kept, '.dockerignore': 'Dockerfile' }),
        'Dockerfile',
      )
    ).treeDigest('');
  assert.equal(await digest('FROM a', 'k'), await digest('FROM b', 'k'));
  assert.notEqual(await digest('FROM a', 'k'), await digest('FROM a', 'other'));
});
