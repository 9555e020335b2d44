import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { RegistryClient } from './client.ts';
import { defaultRegistryConfig } from './registry-config.ts';
import { searchTarget } from './search.ts';

test('a term names the registry where its first part is a host', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['web', 'docker.io', 'web'],
    ['library/web', 'docker.io', 'web'],
    ['team/web', 'docker.io', 'team/web'],
    ['docker.io/team/web', 'docker.io', 'team/web'],
    ['index.docker.io/web', 'docker.io', 'web'],
    ['localhost/web', 'localhost', 'web'],
    ['localhost:5000/team/web', 'localhost:5000', 'team/web'],
    ['hub.example.com/', 'hub.example.com', ''],
  ];
  for (const [text, domain, term] of cases) assert.deepEqual(searchTarget(text), { domain, term }, text);
  assert.throws(() => searchTarget('http://hub/x'), {
    kind: 'invalid',
    message: 'invalid repository name: repository name (http://hub/x) should not have a scheme',
  });
});

test('results come as the registry told them, asked for in the name that is given', async () => {
  const asked: (string | undefined)[] = [];
  let answer: string | undefined;
  const server = createServer((request, response) => {
    if (request.url === '/v2/')
      return response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token"' }).end();
    asked.push(request.url, request.headers.authorization);
    return response.writeHead(answer === undefined ? 500 : 200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  using client = new RegistryClient({ ...defaultRegistryConfig, retry: { attempts: 1 } });
  try {
    const one = { name: 'team/web', description: 'd', star_count: 3, is_official: false };
    answer = JSON.stringify({ results: [{ ...one, is_automated: true }, null, { name: 7 }] });
    assert.deepEqual(await client.search({ term: `${host}/we b`, limit: 9 }), [
      { ...one, is_automated: false },
      { name: '', description: '', star_count: 0, is_official: false, is_automated: false },
    ]);
    await client.search({ term: `${host}/w`, credentials: { username: 'ann', password: 'secret' } });
    const basic = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
    assert.deepEqual(asked, ['/v1/search?q=we+b&n=9', undefined, '/v1/search?q=w&n=25', basic]);
    for (const [text, message] of [
      ['{', /its search results are no JSON/],
      ['{"results":7}', /its search results are no list/],
      [undefined, /^Unexpected status code 500$/],
    ] as const) {
      answer = text;
      await assert.rejects(client.search({ term: `${host}/w` }), { message });
    }
    await assert.rejects(client.search({ term: `${host}/w`, limit: 101 }), {
      kind: 'invalid',
      message: 'limit 101 is outside the range of [1, 100]',
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
