import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before } from 'node:test';
import { digestOf } from '#oci/digest.ts';
import { openTestContexts } from '../../../test/fixtures/opened-contexts.ts';
import type { Download } from './context.ts';

const held = await openTestContexts();
const { opened, paths } = held;
after(() => held[Symbol.asyncDispose]());

/** What a path answers with: conditions are the server's own affair. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const answers = new Map<string, Answer>();
/** Requests since they were last looked at: `GET /path 200`. */
let asked: string[] = [];
const server = createServer((request, response) => {
  answers.get(request.url ?? '')!(request, response);
  asked.push(`${request.method} ${request.url} ${response.statusCode}`);
});
let url = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const lastMonth = 'Thu, 01 Jan 2026 00:00:00 GMT';

/** A server that knows conditions. */
const versioned =
  (body: string | Buffer, headers: Readonly<Record<string, string>>): Answer =>
  (request, response) => {
    const { etag, 'last-modified': modified } = headers;
    const isSame =
      (etag !== undefined && request.headers['if-none-match'] === etag) ||
      (modified !== undefined && request.headers['if-modified-since'] === modified);
    response.writeHead(isSame ? 304 : 200, headers).end(isSame ? undefined : body);
  };

/** One that does not. */
const always =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(200, headers).end(body);

const movedTo =
  (location: string): Answer =>
  (_, response) =>
    void response.writeHead(302, { location }).end();

const get = (path: string, checksum?: string): Promise<Download> =>
  opened.store.download(url + path, {
    signal: AbortSignal.timeout(10_000),
    ...(checksum === undefined ? {} : { checksum }),
  });

async function textOf(path: string, checksum?: string): Promise<string> {
  await using found = await get(path, checksum);
  assert.equal(found.size, Buffer.concat(await Array.fromAsync(found.open())).length);
  return Buffer.concat(await Array.fromAsync(found.open())).toString();
}

function requests(): string[] {
  const since = asked;
  asked = [];
  return since;
}

const packs = () => readdir(paths.buildFolder('packs'));

const kept: readonly (readonly [name: string, headers: Readonly<Record<string, string>>, status: number])[] =
  [
    ['a strong tag', { etag: '"one"' }, 304],
    ['a weak tag', { etag: 'W/"one"' }, 304],
    ['a time of modification', { 'last-modified': lastMonth }, 304],
    ['both', { etag: '"one"', 'last-modified': lastMonth }, 304],
    [
      'a time that is now',
      { 'last-modified': new Date().toUTCString(), date: new Date().toUTCString() },
      200,
    ],
    ['nothing', {}, 200],
  ];
for (const [name, headers, status] of kept)
  test(`what is the same by ${name}`, async () => {
    const path = `/${name.replaceAll(' ', '-')}`;
    const body = `the same by ${name}`;
    answers.set(path, versioned(body, headers));
    await using first = await get(path);
    await using second = await get(path);
    assert.deepEqual(requests(), [`GET ${path} 200`, `GET ${path} ${status}`]);
    for (const { digest, modified } of [first, second])
      assert.deepEqual(
        [digest, modified],
        [digestOf(body), Date.parse(headers['last-modified'] ?? '1970-01-01') / 1000],
      );
    assert.equal(await textOf(path), body);
    requests();
  });

test('a server without conditions whose tag is the same: its body is not awaited', async () => {
  const body = Buffer.alloc(1 << 16, 'x');
  answers.set('/simple', always(body, { etag: '"simple"' }));
  await textOf('/simple');
  answers.set('/simple', (_, response) => {
    response.writeHead(200, { etag: '"simple"' });
    response.write(body); // and no end
  });
  assert.equal(await textOf('/simple'), body.toString());
  answers.set('/simple', always('another', { etag: 'W/"simple"' }));
  assert.equal(await textOf('/simple'), 'another');
  requests();
});

test('another version is another content', async () => {
  answers.set('/changing', versioned('one', { etag: '"1"' }));
  assert.equal(await textOf('/changing'), 'one');
  answers.set('/changing', versioned('two', { etag: '"2"' }));
  assert.equal(await textOf('/changing'), 'two');
  assert.equal(await textOf('/changing'), 'two');
  assert.deepEqual(requests(), ['GET /changing 200', 'GET /changing 200', 'GET /changing 304']);
});

test('a tag counts where it was given, not where a redirect leads now', async () => {
  answers.set('/here', versioned('here', { etag: '"1"' }));
  answers.set('/there', versioned('there', { etag: '"1"' }));
  answers.set('/latest', movedTo('/here'));
  assert.equal(await textOf('/latest'), 'here');
  assert.equal(await textOf('/latest'), 'here');
  answers.set('/latest', movedTo('/there?signed=1'));
  answers.set('/there?signed=1', answers.get('/there')!);
  assert.equal(await textOf('/latest'), 'there');
  answers.set('/latest', movedTo('/there?signed=2'));
  answers.set('/there?signed=2', answers.get('/there')!);
  requests();
  assert.equal(await textOf('/latest'), 'there');
  assert.deepEqual(requests(), ['GET /latest 302', 'GET /there?signed=2 304']);
});

test('what a checksum says and is here is not asked for', async () => {
  answers.set('/checked', always('checked'));
  const sha512 = `sha512:${createHash('sha512').update('checked').digest('hex')}`;
  for (const checksum of [sha512, digestOf('checked'), sha512, digestOf('checked')])
    assert.equal(await textOf('/checked', checksum), 'checked');
  assert.deepEqual(requests(), ['GET /checked 200']);
  const before = await packs();
  await assert.rejects(get('/checked', digestOf('other')), {
    kind: 'invalid',
    message: /^digest mismatch for /,
  });
  assert.deepEqual(await packs(), before);
  assert.deepEqual(requests(), ['GET /checked 200']);
});

test('what is cut or refused leaves what was here', async () => {
  answers.set('/fails', versioned('whole', { etag: '"whole"' }));
  assert.equal(await textOf('/fails'), 'whole');
  const before = await packs();
  answers.set('/fails', (_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('cut', () => response.destroy());
  });
  await assert.rejects(get('/fails'), { kind: 'unavailable' });
  answers.set('/fails', (_, response) => void response.writeHead(500).end());
  await assert.rejects(get('/fails'), { kind: 'unavailable' });
  answers.set('/new', (_, response) => void response.writeHead(304).end());
  await assert.rejects(get('/new'), { kind: 'unavailable' });
  assert.deepEqual(await packs(), before);
  answers.set('/fails', versioned('whole', { etag: '"whole"' }));
  requests();
  assert.equal(await textOf('/fails'), 'whole');
  assert.deepEqual(requests(), ['GET /fails 304']);
});

test('nothing at all', async () => {
  answers.set('/empty', always('', { etag: '"empty"' }));
  assert.equal(await textOf('/empty'), '');
  assert.equal(await textOf('/empty'), '');
  requests();
});

test('one content by two names is kept once', async () => {
  await opened.prune();
  const { files } = opened.usage();
  for (const path of ['/a', '/b']) answers.set(path, versioned('by two names', { etag: `"${path}"` }));
  for (const path of ['/a', '/b', '/a', '/b']) assert.equal(await textOf(path), 'by two names');
  assert.equal(opened.usage().files, files + 1);
  assert.deepEqual(requests(), ['GET /a 200', 'GET /b 200', 'GET /a 304', 'GET /b 304']);
});

test('a prune takes what no build uses; then it is fetched anew', async () => {
  answers.set('/pruned', versioned('pruned', { etag: '"pruned"' }));
  {
    await using used = await get('/pruned');
    await new Promise((resolve) => setTimeout(resolve, 2));
    await opened.prune();
    assert.equal(Buffer.concat(await Array.fromAsync(used.open())).toString(), 'pruned');
    assert.equal(opened.usage().files, 1);
  }
  await opened.prune();
  assert.deepEqual([opened.usage().files, await packs()], [0, []]);
  assert.equal(await textOf('/pruned'), 'pruned');
  assert.deepEqual(requests(), ['GET /pruned 200', 'GET /pruned 200']);
});
