import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FileSource } from '#archive/file-source.ts';
import { memberOf } from '#archive/write-tar.ts';
import { silentLog } from '#base/log.ts';
import type { Context, ContextStore } from '#build/context/context.ts';
import { openContexts } from '#build/context/open-contexts.ts';
import type { CopyRequest } from '#build/copy/copy.ts';
import { planCopy } from '#build/copy/plan-copy.ts';
import type { Digest } from '#oci/digest.ts';
import { MountedFiles, openSnapshotter, type Snapshotter } from '#snapshot/index.ts';
import { Database } from '#state/index.ts';
import { pathsOf } from '#state/paths.ts';
import { isRoot, opened } from '../fixtures/snapshotter-contract.ts';
import { chunked, device, directory, fifo, file, hardLink, nameOf, symlink, tar } from '../fixtures/tar.ts';
import { treeOf } from '../fixtures/tree.ts';

const skip = isRoot ? false : 'needs root';
const epoch = 1_700_000_000;

interface Bench {
  readonly snapshots: Snapshotter;
  readonly contexts: ContextStore;
  context(...members: Buffer[]): Promise<Context>;
  layer(...members: Buffer[]): Promise<Digest>;
  /** The layer of a copy onto a stack. */
  copy(given: Partial<CopyRequest> & Pick<CopyRequest, 'from'>, onto: readonly Digest[]): Promise<Digest>;
}

async function bench(context: TestContext, driver: string): Promise<Bench> {
  const { snapshots } = await opened(context, ({ database, root }) =>
    openSnapshotter({ database, root: () => root, driver, log: silentLog }),
  );
  const folder = mkdtempSync(join(tmpdir(), 'hoist-build-copy-'));
  const paths = pathsOf({ dataRoot: folder, runRoot: join(folder, 'run') });
  const database = new Database(paths.database);
  const store = await openContexts({ database, paths, log: silentLog });
  context.after(async () => {
    await store.close();
    database[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    snapshots,
    contexts: store.store,
    context: async (...members) => {
      const { id } = await store.contexts.receive(chunked(tar(...members), 65_536));
      return store.store.open(id);
    },
    layer: async (...members) => (await snapshots.ingest(chunked(tar(...members), 65_536))).diffId,
    copy: async (given, onto) => {
      const request: CopyRequest = {
        ...{ kind: 'COPY', sources: ['.'], heredocs: [], destination: '/', workingDirectory: '/' },
        ...{ link: false, parents: false, exclude: [], keepGitDir: false, epoch },
        ...given,
      };
      const signal = new AbortController().signal;
      await using plan = await planCopy(request, { contexts: store.store, signal });
      if (request.link) return (await snapshots.ingest(plan.layer(undefined))).diffId;
      await using view = await snapshots.view(onto);
      using root = new MountedFiles(view.fd);
      return (await snapshots.ingest(plan.layer(root))).diffId;
    },
  };
}

async function tree({ snapshots }: Bench, layers: readonly Digest[], path = ''): Promise<string[]> {
  await using view = await snapshots.view(layers);
  return treeOf(`/proc/self/fd/${view.fd}/${path}`);
}

const system = [
  directory('etc/'),
  file('etc/passwd', 'root:x:0:0::/:\nweb:x:77:78::/:\n'),
  file('etc/group', 'web:x:79:\n'),
  directory('run/', { mode: 0o711 }),
  symlink('var/run', '/run', { mode: 0o777 }),
  directory('srv/', { mode: 0o710, uid: 9 }),
  file('srv/old', 'old'),
];
const sources = [
  directory('src/', { mode: 0o700 }),
  file('src/main.c', 'main', { uid: 1000, mode: 0o600 }),
  file('src/main.o', 'object'),
  directory('src/lib/', { mode: 0o750 }),
  file('src/lib/a.c', 'a', { mode: 0o755 }),
  file('src/lib/a.o', 'object'),
  symlink('src/link', 'main.c', { mode: 0o777 }),
  memberOf({ name: nameOf('src/', 0xff), type: 'file' }, 'bytes'),
];

for (const driver of ['erofs', 'overlay'])
  test(`copies become layers: ${driver}`, { skip }, async (context) => {
    const at = await bench(context, driver);
    const base = await at.layer(...system);
    const from = await at.context(...sources);
    const beneath = async (given: Partial<CopyRequest>, path: string) => {
      const layer = await at.copy({ from, ...given }, [base]);
      return (await tree(at, [base, layer], path)).map((line) => line.replace('/ dir', '. dir'));
    };

    await context.test('through a link of the root, by a name of the root', async () => {
      const given = { sources: ['src/main.c'], destination: '/var/run/app/', chown: 'web' };
      assert.deepEqual(await beneath(given, 'run'), [
        '. dir 0711',
        '/app dir 0755 77:78',
        '/app/main.c "main" 0600 77:78',
      ]);
    });

    await context.test('a directory, with names of any bytes', async () => {
      assert.deepEqual(await beneath({ sources: ['src'], destination: '/srv' }, 'srv'), [
        '. dir 0710 9:0',
        '/lib dir 0750',
        '/lib/a.c "a" 0755',
        '/lib/a.o "object" 0644',
        '/link -> main.c 0777',
        '/main.c "main" 0600',
        '/main.o "object" 0644',
        '/old "old" 0644',
        `/${nameOf(0xff)} "bytes" 0644`,
      ]);
    });

    await context.test('parents and exclude', async () => {
      const given = { sources: ['src/./lib', 'src/./main.*'], parents: true, exclude: ['**/*.o'] };
      assert.deepEqual(await beneath({ ...given, destination: '/w' }, 'w'), [
        '. dir 0755',
        '/lib dir 0750',
        '/lib/a.c "a" 0755',
        '/main.c "main" 0600',
      ]);
    });

    await context.test('an archive, contained', async () => {
      const archive = tar(
        directory('deep/', { mode: 0o700, uid: 5 }),
        file('deep/f', 'f', { uid: 5, xattrs: new Map([['user.k', Buffer.from('v')]]) }),
        symlink('out', '/etc', { mode: 0o777 }),
        file('out/passwd', 'mine'),
        file('../../up', 'up'),
        hardLink('hard', 'deep/f'),
      );
      const packed = await at.context(file('a.tgz', gzipSync(archive)));
      const layer = await at.copy({ from: packed, kind: 'ADD', sources: ['a.tgz'], destination: '/srv' }, [
        base,
      ]);
      assert.deepEqual((await tree(at, [base, layer], 'srv')).slice(1), [
        '/deep dir 0700 5:0',
        '/deep/f "f" 0644 5:0 links=2 user.k=76',
        '/etc dir 0755',
        '/etc/passwd "mine" 0644',
        '/hard "f" 0644 5:0 links=2 user.k=76',
        '/old "old" 0644',
        '/out -> /etc 0777',
        '/up "up" 0644',
      ]);
      assert.deepEqual(await tree(at, [base, layer], 'etc'), await tree(at, [base], 'etc'));
    });

    await context.test('from a tree: all that files have, links not followed out of it', async () => {
      const stage = await at.layer(
        directory('app/', { mode: 0o700, uid: 3 }),
        file('app/one', 'one', {
          ...{ uid: 5, mode: 0o4755, modified: { seconds: 1_000_000_000, nanoseconds: 5 } },
          xattrs: new Map([['user.k', Buffer.from('v')]]),
        }),
        hardLink('app/two', 'app/one'),
        fifo('app/pipe'),
        device('app/null', 'charDevice', 1, 3),
        symlink('up', '../../../../app', { mode: 0o777 }),
      );
      await using view = await at.snapshots.view([stage]);
      using files = new MountedFiles(view.fd);
      const layer = await at.copy({ from: files, fromKey: 'k', sources: ['/up'], destination: '/srv' }, [
        base,
      ]);
      assert.deepEqual((await tree(at, [base, layer], 'srv')).slice(1), [
        '/null char 1:3 0644',
        '/old "old" 0644',
        '/one "one" 4755 5:0 links=2 user.k=76',
        '/pipe fifo 0644',
        '/two "one" 4755 5:0 links=2 user.k=76',
      ]);
    });

    await context.test('a link needs no root, and gives the same layer on any', async () => {
      const given = { from, sources: ['src/main.c'], destination: '/var/run/', link: true };
      const layer = await at.copy(given, []);
      assert.equal(await at.copy(given, [base]), layer);
      assert.deepEqual(await tree(at, [base, layer], 'var'), [
        '/ dir 0755',
        '/run dir 0755',
        '/run/main.c "main" 0600',
      ]);
    });
  });

test('a mounted tree: what is not there, deep, many directories, nothing left open', {
  skip,
}, async (context) => {
  const at = await bench(context, 'erofs');
  const many = Array.from({ length: 200 }, (_, i) => file(`d${i}/f`, String(i)));
  const layer = await at.layer(...many, symlink('l', '/d1'));
  const open = () => readdirSync('/proc/self/fd').length;
  await using view = await at.snapshots.view([layer]);
  const before = open();
  {
    using files = new MountedFiles(view.fd);
    for (let i = 0; i < 200; i++) assert.equal(files.find(`d${i}/f`)?.size, String(i).length);
    assert.ok(open() <= before + 65, 'few directories are held open');
    assert.equal(files.find('')?.type, 'directory');
    assert.equal(files.list('').length, 201);
    assert.equal(files.find('l/f'), undefined);
    assert.deepEqual(files.list('l'), []);
    assert.equal(files.find('d1/f/x'), undefined);
    assert.equal(await textOf(files, 'd7/f'), '7');
    await assert.rejects(textOf(files, 'l/f'), { kind: 'notFound' });
    await assert.rejects(textOf(files, 'l'), { kind: 'notFound' });
  }
  assert.equal(open(), before);
});

async function textOf(files: FileSource, path: string): Promise<string> {
  let text = '';
  for await (const chunk of files.open(path)) text += Buffer.from(chunk).toString();
  return text;
}

test('ten thousand small files', { skip }, async (context) => {
  const at = await bench(context, 'erofs');
  const base = await at.layer(...system);
  const from = await at.context(
    ...Array.from({ length: 10_000 }, (_, i) => file(`d${Math.floor(i / 100)}/f${i}`, `${i}`.repeat(100))),
  );
  const begin = performance.now();
  const layer = await at.copy({ from, destination: '/app/' }, [base]);
  const milliseconds = Math.round(performance.now() - begin);
  context.diagnostic(`copied in ${milliseconds} ms`);
  await using view = await at.snapshots.view([base, layer]);
  assert.equal(readdirSync(`/proc/self/fd/${view.fd}/app`).length, 100);
});
