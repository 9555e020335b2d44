import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { serveAreas } from './http/index.ts';
import { acceptedEncodings, openWebAssets } from './web-assets.ts';

const script = '/-/assets/index-abc.js';
let directory: string;
const held = new AsyncDisposableStack();
let port: number;
let emptyPort: number;

async function serve(folder: string): Promise<number> {
  const server = createServer(
    serveAreas([openWebAssets({ directory: folder })], { log: silentLog, addressOf: () => '192.0.2.1' }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  held.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hub-web-'));
  held.defer(() => rm(directory, { recursive: true }));
  const page = join(directory, 'page');
  await mkdir(join(page, '-/assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><html data-theme="system"><title>Hub</title>');
  await writeFile(join(page, 'robots.txt'), 'User-agent: *\n');
  await writeFile(join(page, script), 'whole');
  await writeFile(join(page, `${script}.br`), 'br');
  await writeFile(join(page, `${script}.gz`), 'gzip');
  await writeFile(join(directory, 'secret.txt'), 'outside');
  port = await serve(page);
  emptyPort = await serve(join(directory, 'nothing'));
});
after(() => held.disposeAsync());

async function asked(
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly port?: number;
  } = {},
): Promise<IncomingMessage & { readonly body: string }> {
  const { method = 'GET', headers = {} } = options;
  const sent = request({ host: '127.0.0.1', port: options.port ?? port, path, method, headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return Object.assign(response, { body: await text(response) });
}

const pages = [
  '/',
  '/ada/crane',
  '/ada/crane/-/tags/1.0',
  '/-/sign-in',
  '/no%zz',
  '/index.html',
  '/-/assets',
];
for (const path of pages) {
  test(`${path} is the page, asked for anew each time`, async () => {
    const reply = await asked(path);
    assert.equal(reply.statusCode, 200);
    assert.match(reply.body, /<title>Hub/);
    assert.equal(reply.headers['cache-control'], 'no-cache');
    const again = await asked(path, { headers: { 'If-None-Match': reply.headers.etag! } });
    assert.deepEqual([again.statusCode, again.body], [304, '']);
  });
}

test('what a page may do is little, and said with every answer', async () => {
  for (const path of ['/', script, '/-/assets/gone.js', '/robots.txt']) {
    const { headers } = await asked(path);
    const policy = String(headers['content-security-policy']);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "require-trusted-types-for 'script'",
    ])
      assert.ok(policy.split('; ').includes(rule), `${path}: ${rule}`);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  }
});

const encodings: [string | undefined, string | undefined, string][] = [
  [undefined, undefined, 'whole'],
  ['gzip, deflate', 'gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br', 'br'],
  ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
  ['identity', undefined, 'whole'],
];
for (const [accepted, want, body] of encodings) {
  test(`an asset for who takes ${accepted}: ${want ?? 'as it is'}, for ever`, async () => {
    const reply = await asked(script, {
      headers: accepted === undefined ? {} : { 'Accept-Encoding': accepted },
    });
    assert.equal(reply.headers['content-encoding'], want);
    assert.equal(reply.headers['content-length'], String(body.length));
    assert.equal(reply.body, body);
    assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(reply.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(reply.headers.vary, 'Accept-Encoding');
  });
}

test('an asset of another build is not there', async () => {
  const reply = await asked('/-/assets/index-old.js');
  assert.equal(reply.statusCode, 404);
  assert.doesNotMatch(reply.body, /<html/);
});

for (const path of [
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/-/assets/../../../secret.txt',
  '/-/assets/%2e%2e%2fsecret.txt',
])
  test(`${path} leads nowhere outside`, async () => assert.doesNotMatch((await asked(path)).body, /outside/));

test('HEAD is GET without the body; nothing is written', async () => {
  const head = await asked(script, { method: 'HEAD' });
  assert.deepEqual([head.statusCode, head.headers['content-length'], head.body], [200, '5', '']);
  const post = await asked('/', { method: 'POST' });
  assert.deepEqual([post.statusCode, post.headers.allow], [405, 'GET, HEAD']);
});

const cookies: [string, string][] = [
  ['theme=dark', 'dark'],
  ['a=b; theme=light', 'light'],
  ['theme="><script>', 'system'],
  ['nottheme=dark', 'system'],
];
for (const [cookie, want] of cookies)
  test(`with the cookie ${cookie} the page is ${want}`, async () =>
    assert.match(
      (await asked('/', { headers: { Cookie: cookie } })).body,
      new RegExp(`data-theme="${want}"`),
    ));

test('where the page is not built, it says how to build it', async () => {
  const reply = await asked('/ada', { port: emptyPort });
  assert.equal(reply.statusCode, 503);
  assert.match(reply.body, /scripts\/build-web\.sh/);
});

test('encodings that are refused do not count', () =>
  assert.deepEqual([...acceptedEncodings('BR ;q=0.0, gzip; q=1,zstd')], ['gzip', 'zstd']));
