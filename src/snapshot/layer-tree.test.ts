import assert from 'node:assert/strict';
import test from 'node:test';
import { TarParser } from '#archive/tar-parser.ts';
import { directory, file, hardLink, symlink, tar } from '../../test/fixtures/tar.ts';
import { componentsOf, meaningOf } from './layer-path.ts';
import { isDirectory, type LayerNode, LayerTree, sizeOf } from './layer-tree.ts';

function treeOf(...members: readonly Buffer[]): LayerTree {
  const tree = new LayerTree();
  const parser = new TarParser({ entry: (entry) => tree.add(entry) });
  parser.write(tar(...members));
  parser.end();
  return tree;
}

/** `name` for a file, `name/` for a directory (`name!` an opaque one), `-name` for a whiteout. */
function names(node: LayerNode, prefix = ''): string[] {
  if (!isDirectory(node)) return [];
  return [...node.children].flatMap(([name, child]) => {
    const path = `${prefix}${name}`;
    if (child.type === 'whiteout') return [`-${path}`];
    return isDirectory(child) ? [`${path}${child.opaque ? '!' : '/'}`, ...names(child, `${path}/`)] : [path];
  });
}

const trees: readonly [rule: string, members: readonly Buffer[], expected: readonly string[]][] = [
  ['parents are made', [file('a/b/c')], ['a/', 'a/b/', 'a/b/c']],
  ['names are cleaned', [file('./a//b/../c')], ['a/', 'a/c']],
  ['a whiteout hides', [file('a/.wh.b')], ['a/', '-a/b']],
  ['a whiteout of what the layer brings is of lower layers only', [file('b'), file('.wh.b')], ['b']],
  ['the same, the other way round', [file('.wh.b'), file('b')], ['b']],
  [
    'a directory where a whiteout is hides what was below',
    [file('.wh.d'), directory('d'), file('d/x')],
    ['d!', 'd/x'],
  ],
  ['so does one that no entry speaks of', [file('.wh.d'), file('d/x')], ['d!', 'd/x']],
  ['so does one that came before its whiteout', [file('d/x'), file('.wh.d')], ['d!', 'd/x']],
  ['an opaque directory', [directory('d'), file('d/.wh..wh..opq')], ['d!']],
  ['an opaque directory that no entry speaks of', [file('d/.wh..wh..opq')], ['d!']],
  ['aufs’s own files are passed over', [file('.wh..wh.aufs'), file('.wh..wh.plnk/1.2'), file('a')], ['a']],
  ['what is beneath a whiteout is passed over', [file('.wh.d/x')], []],
  [
    'links are followed on the way',
    [directory('usr/lib'), symlink('lib', 'usr/lib'), file('lib/x')],
    ['usr/', 'usr/lib/', 'usr/lib/x', 'lib'],
  ],
  [
    'links to links, with dots',
    [directory('a/b'), symlink('l', './a/../m'), symlink('m', '/a/b/'), file('l/x')],
    ['a/', 'a/b/', 'a/b/x', 'l', 'm'],
  ],
  ['a file takes a directory’s place', [file('d/x'), file('d')], ['d']],
  ['a directory takes a file’s place', [file('d'), directory('d')], ['d/']],
];
for (const [rule, members, expected] of trees) {
  test(`layer tree: ${rule}`, () => assert.deepEqual(names(treeOf(...members).root), expected));
}

test('a layer counts each file once, and links by their targets', () => {
  const tree = treeOf(
    file('a', '12345'),
    hardLink('b', 'a'),
    symlink('c', '../x'),
    file('d', 'gone'),
    file('d', '12'),
  );
  assert.equal(sizeOf(tree.root), 5 + 4 + 2);
});

test('only an entry for the root tells of the root', () => {
  assert.equal(treeOf(file('a')).hasRoot, false);
  const tree = treeOf(directory('./', { mode: 0o700 }));
  assert.deepEqual([tree.hasRoot, tree.root.mode], [true, 0o700]);
});

const paths: readonly [name: string, components: readonly string[] | 'refused'][] = [
  ['', []],
  ['.', []],
  ['/', []],
  ['./a/', ['a']],
  ['/../a', ['a']],
  ['a/../..', 'refused'],
  ['..', 'refused'],
  ['a/b/../../c', ['c']],
  ['a\0b', 'refused'],
  ['...', ['...']],
];
for (const [name, components] of paths) {
  test(`name ${JSON.stringify(name)}: ${JSON.stringify(components)}`, () => {
    if (components === 'refused') assert.throws(() => componentsOf(name), { kind: 'invalid' });
    else assert.deepEqual(componentsOf(name), components);
  });
}

test('what a last component means', () => {
  const kinds = ['a', '.wh.a', '.wh..wh..opq', '.wh..wh.orph', '.wh.', '.wh..', '.wh...', '.wh....'];
  assert.deepEqual(
    kinds.map((name) => meaningOf(['d', name]).kind),
    ['entry', 'whiteout', 'opaque', 'ignored', 'ignored', 'ignored', 'ignored', 'whiteout'],
  );
});
