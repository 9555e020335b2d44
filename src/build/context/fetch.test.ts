import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { after, before, suite } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf } from '#oci/digest.ts';
import { type GitServer, git, serveGit } from '../../../test/fixtures/git-server.ts';
import { openTestContexts } from '../../../test/fixtures/opened-contexts.ts';
import { directory, file, tar } from '../../../test/fixtures/tar.ts';
import type { Context, Download } from './context.ts';

const held = await openTestContexts();
const { opened, paths, root } = held;
after(() => held[Symbol.asyncDispose]());

const spooled = () => readdir(paths.buildFolder('spool'));

const read = async (opened: { open(path: string): AsyncIterable<Uint8Array> }, path: string) =>
  Buffer.concat(await Array.fromAsync(opened.open(path))).toString();

/** All paths of a context. */
function walk(context: Context, path = ''): string[] {
  return context.list(path).flatMap((name) => {
    const full = path === '' ? name : `${path}/${name}`;
    return [full, ...walk(context, full)];
  });
}

function fetched(
  url: string,
  options: { readonly keepGitDir?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Context> {
  const { signal = AbortSignal.timeout(60_000), keepGitDir = false } = options;
  return opened.store.fetch(url, { signal, keepGitDir, report: () => undefined });
}

suite('over HTTP', () => {
  let server: Server;
  let url: string;
  const archive = tar(directory('d/'), file('d/f', 'content'), file('Dockerfile', 'FROM scratch'));

  const answers: Readonly<Record<string, RequestListener>> = {
    '/context.tar': (_, response) => response.end(archive),
    '/context.tar.gz': (_, response) => response.end(gzipSync(archive)),
    '/empty.tar': (_, response) => response.end(tar()),
    '/Dockerfile': (_, response) => response.end('FROM busybox\nRUN true\n'),
    '/large': (_, response) => response.end(Buffer.alloc(5 << 20, 'a')),
    '/moved': (_, response) => response.writeHead(302, { location: '/context.tar' }).end(),
    '/circle': (_, response) => response.writeHead(302, { location: '/circle' }).end(),
    '/elsewhere': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/secret': (_, response) => response.writeHead(403).end('no'),
    '/cut': (request, response) => {
      response.writeHead(200, { 'content-length': '100000' }).write(archive.subarray(0, 600));
      setTimeout(() => request.socket.destroy(), 20);
    },
    '/silent': (_, response) => response.writeHead(200).write(archive.subarray(0, 600)),
    '/a%20b.txt': (_, response) =>
      response.writeHead(200, { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }).end('text'),
    '/': (_, response) =>
      response.writeHead(200, { 'content-disposition': 'attachment; filename="../../named.bin"' }).end('x'),
    '/nameless/': (_, response) => response.end('x'),
  };

  before(async () => {
    server = createServer((request, response) => {
      const answer = answers[request.url!];
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const path of ['/context.tar', '/context.tar.gz', '/moved'])
    test(`a tar: ${path}`, async () => {
      await using context = await fetched(url + path);
      assert.equal(context.name, url + path);
      assert.deepEqual(walk(context), ['Dockerfile', 'd', 'd/f']);
      assert.equal(await read(context, 'd/f'), 'content');
    });

  test('an empty tar', async () => {
    await using context = await fetched(`${url}/empty.tar`);
    assert.deepEqual(walk(context), []);
  });

  test('a text is the Dockerfile', async () => {
    await using context = await fetched(`${url}/Dockerfile`);
    assert.deepEqual(walk(context), ['Dockerfile']);
    assert.equal(await read(context, 'Dockerfile'), 'FROM busybox\nRUN true\n');
  });

  const refused: readonly (readonly [string, { readonly kind: string; readonly message: RegExp }])[] = [
    ['/gone', { kind: 'notFound', message: /failed to GET http:.*\/gone with status 404 Not Found/ }],
    ['/secret', { kind: 'forbidden', message: /status 403/ }],
    ['/circle', { kind: 'unavailable', message: /stopped after 10 redirects/ }],
    ['/elsewhere', { kind: 'invalid', message: /invalid URL/ }],
    ['/large', { kind: 'invalid', message: /neither an archive nor a Dockerfile/ }],
    ['/cut', { kind: 'unavailable', message: /^Get "http:/ }],
  ];
  for (const [path, error] of refused)
    test(`refuses ${path}, and keeps nothing`, async () => {
      await assert.rejects(fetched(url + path), error);
      assert.deepEqual(await spooled(), []);
    });

  test('refuses a port where nobody is, and other protocols', async () => {
    await assert.rejects(fetched('http://127.0.0.1:1/x'), {
      kind: 'unavailable',
      message: /^error downloading remote context .*: dial tcp 127.0.0.1:1: connect: connection refused$/,
    });
    await assert.rejects(fetched('file:///etc/passwd'), { kind: 'unsupported' });
    await assert.rejects(fetched('ftp://host/x'), { kind: 'unsupported' });
  });

  test('the signal ends a fetch of a server that is silent', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(fetched(`${url}/silent`, { signal: abort.signal }), {
      name: /AbortError|EngineError/,
    });
    assert.deepEqual(await spooled(), []);
  });

  const get = (path: string, checksum?: string): Promise<Download> =>
    opened.store.download(url + path, {
      signal: AbortSignal.timeout(10_000),
      ...(checksum === undefined ? {} : { checksum }),
    });

  test('a file to add', async () => {
    await using found = await get('/a%20b.txt', digestOf('text'));
    const { name, digest, size, modified } = found;
    assert.deepEqual(
      { name, digest, size, modified },
      { name: 'a b.txt', digest: digestOf('text'), size: 4, modified: Date.UTC(2026, 0, 1) / 1000 },
    );
    assert.equal(await read(found, ''), 'text');
  });

  test('names from the header, or none', async () => {
    await using named = await get('/');
    assert.deepEqual([named.name, named.modified], ['named.bin', 0]);
    await using nameless = await get('/nameless/');
    assert.equal(nameless.name, '');
  });

  test('a checksum that does not hold', async () => {
    await assert.rejects(get('/a%20b.txt', digestOf('other')), {
      kind: 'invalid',
      message: /digest mismatch/,
    });
    await assert.rejects(get('/a%20b.txt', 'md5:00'), { kind: 'invalid' });
    await assert.rejects(get('/cut'), { kind: 'unavailable' });
    assert.deepEqual(await spooled(), []);
  });
});

const skip = spawnSync('git', ['--version']).status === 0 ? false : 'needs git';

suite('git', { skip }, () => {
  let server: GitServer;
  let repositories: string;
  let first: string;

  before(async () => {
    repositories = join(root, 'repositories');
    await mkdir(join(repositories, 'sub.git'), { recursive: true });
    await mkdir(join(repositories, 'app.git'));
    server = await serveGit(repositories);
    const sub = join(repositories, 'sub.git');
    await git(sub, 'init', '-q', '-b', 'main');
    await writeFile(join(sub, 'inner'), 'inner');
    await git(sub, 'add', '.');
    await git(sub, 'commit', '-qm', 'sub');

    const app = join(repositories, 'app.git');
    await git(app, 'init', '-q', '-b', 'main');
    await git(app, 'config', 'uploadpack.allowAnySHA1InWant', 'false');
    await mkdir(join(app, 'dir'));
    await writeFile(join(app, 'Dockerfile'), 'FROM scratch');
    await writeFile(join(app, 'dir', 'run'), 'run');
    await chmod(join(app, 'dir', 'run'), 0o755);
    await symlink('/etc', join(app, 'out'));
    await symlink('dir', join(app, 'link'));
    await git(app, 'add', '.');
    await git(app, 'commit', '-qm', 'one');
    first = await git(app, 'rev-parse', 'HEAD');
    await git(app, 'tag', '-a', 'v1', '-m', 'v1');
    await writeFile(join(app, 'Dockerfile'), 'FROM busybox');
    await git(app, 'submodule', '--quiet', 'add', `${server.url}/sub.git`, 'module');
    await git(app, 'commit', '-qam', 'two');
  });
  after(() => server[Symbol.asyncDispose]());

  test('its HEAD, with submodules, without .git', async () => {
    await using context = await fetched(`${server.url}/app.git`);
    const names = ['.gitmodules', 'Dockerfile', 'dir', 'dir/run', 'link', 'module', 'module/inner', 'out'];
    assert.deepEqual(walk(context), names);
    assert.equal(await read(context, 'Dockerfile'), 'FROM busybox');
    assert.equal(await read(context, 'module/inner'), 'inner');
    assert.equal(context.find('dir/run')?.mode, 0o755);
    assert.equal(context.find('Dockerfile')?.mode, 0o644);
    assert.equal(context.find('out')?.linkName, '/etc');
    assert.equal((await spooled()).length, 1);
  });

  const refs: readonly (readonly [name: string, fragment: () => string])[] = [
    ['a tag', () => '#v1'],
    ['a whole commit', () => `#${first}`],
    ['a short commit', () => `#${first.slice(0, 8)}`],
    ['a query', () => '?tag=v1'],
    ['a commit that is checked', () => `?ref=v1&checksum=${first.slice(0, 10)}`],
  ];
  for (const [name, fragment] of refs)
    test(name, async () => {
      await using context = await fetched(`${server.url}/app.git${fragment()}`);
      assert.equal(await read(context, 'Dockerfile'), 'FROM scratch');
    });

  test('a directory of it', async () => {
    await using context = await fetched(`${server.url}/app.git#main:dir`);
    assert.deepEqual(walk(context), ['run']);
  });

  test('with .git, the same each time but for packs', async () => {
    const digests: string[] = [];
    for (let i = 0; i < 2; i++) {
      await using context = await fetched(`${server.url}/app.git`, { keepGitDir: true });
      assert.equal((await read(context, '.git/HEAD')).length, 41);
      assert.equal(context.find('.git/modules/module/logs'), undefined);
      digests.push(context.treeDigest('.git/modules/module/index'));
      digests.push(context.treeDigest('.git/index'));
      assert.equal(context.find('.git/logs'), undefined);
      assert.equal(context.find('.git/hooks'), undefined);
    }
    assert.deepEqual(digests.slice(0, 2), digests.slice(2));
  });

  const refused: readonly (readonly [string, { readonly kind: string; readonly message?: RegExp }])[] = [
    ['/app.git#nowhere', { kind: 'unavailable', message: /failed to run git fetch: .*nowhere/s }],
    ['/none.git', { kind: 'unavailable', message: /failed to run git fetch/ }],
    ['/app.git#main:nowhere', { kind: 'notFound' }],
    ['/app.git#main:../..', { kind: 'invalid', message: /leaves the repository/ }],
    ['/app.git#main:out', { kind: 'invalid', message: /is no directory/ }],
    ['/app.git#main:link', { kind: 'invalid', message: /is no directory/ }],
    ['/app.git?checksum=0000000', { kind: 'invalid', message: /expected checksum/ }],
  ];
  for (const [path, error] of refused)
    test(`refuses ${path}, and keeps nothing`, async () => {
      await assert.rejects(fetched(server.url + path), error);
      assert.deepEqual(await spooled(), []);
    });

  test('a submodule may not be a local folder', async () => {
    const evil = join(repositories, 'evil.git');
    await mkdir(evil);
    await git(evil, 'init', '-q', '-b', 'main');
    await git(
      evil,
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      `file://${repositories}/sub.git`,
      'm',
    );
    await git(evil, 'commit', '-qam', 'evil');
    await assert.rejects(fetched(`${server.url}/evil.git`), { kind: 'unavailable', message: /not allowed/ });
    assert.deepEqual(await spooled(), []);
  });

  test('the signal ends a clone', async () => {
    await assert.rejects(fetched(`${server.url}/app.git`, { signal: AbortSignal.timeout(20) }));
    assert.deepEqual(await spooled(), []);
  });
});
