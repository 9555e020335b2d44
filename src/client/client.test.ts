import assert from 'node:assert/strict';
import test from 'node:test';
import type { Connection } from './connection.ts';
import { Daemon, isOlder } from './daemon.ts';
import { DaemonError } from './daemon-error.ts';
import { type BodyError, exchange } from './http.ts';
import { JsonCutter } from './json-stream.ts';

/** A peer that has its answer ready, and cuts it into pieces of one size. */
function peer(answer: string, size: number): Connection & { sent: () => string } {
  const bytes = new TextEncoder().encode(answer);
  let at = 0;
  let sent = '';
  return {
    read: async () => {
      const piece = bytes.subarray(at, at + size);
      at += piece.length;
      return piece.length > 0 ? piece : undefined;
    },
    write: async (data) => {
      sent += typeof data === 'string' ? data : new TextDecoder().decode(data);
    },
    endWriting: () => {},
    close: () => {},
    sent: () => sent,
  };
}

const answers: [string, string, string, boolean][] = [
  ['counted', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello', true],
  [
    'chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n',
    'hello',
    true,
  ],
  [
    'chunked with a trailer',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n',
    'hello',
    true,
  ],
  ['until the end', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello', false],
  [
    'after a 100',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'hello',
    true,
  ],
  ['nothing', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
  ['to be closed', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello', 'hello', false],
];
for (const [name, answer, body, reusable] of answers) {
  for (let size = 1; size <= answer.length; size += size < 8 ? 1 : 37) {
    test(`an answer ${name}, in pieces of ${size}`, async () => {
      let again: boolean | undefined;
      const response = await exchange(
        peer(answer, size),
        { method: 'GET', path: '/', headers: {} },
        (each) => (again = each),
      );
      let text = '';
      for await (const bytes of response.body) text += new TextDecoder().decode(bytes);
      assert.deepEqual([text, again], [body, reusable]);
    });
  }
}

test('a body goes out counted, a stream chunked', async () => {
  const whole = peer('HTTP/1.1 204 x\r\n\r\n', 99);
  await exchange(whole, { method: 'POST', path: '/a?b', headers: { Host: 'h' }, body: '{"é":1}' }, () => {});
  assert.equal(whole.sent(), 'POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n{"é":1}');
  const streamed = peer('HTTP/1.1 204 x\r\n\r\n', 99);
  async function* body() {
    yield new TextEncoder().encode('hello');
    yield new TextEncoder().encode('!');
  }
  await exchange(streamed, { method: 'PUT', path: '/', headers: {}, body: body() }, () => {});
  for (let tries = 0; !streamed.sent().endsWith('\r\n0\r\n\r\n') && tries < 1000; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(
    streamed.sent(),
    'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n',
  );
});

test('a body whose source fails ends the exchange', async () => {
  let close = () => {};
  const silent: Connection = {
    read: () => new Promise((resolve) => (close = () => resolve(undefined))),
    write: async () => {},
    endWriting: () => {},
    close: () => close(),
  };
  async function* body() {
    yield new TextEncoder().encode('half');
    throw new Error('the disk is gone');
  }
  const sent = exchange(silent, { method: 'PUT', path: '/', headers: {}, body: body() }, () => {});
  await assert.rejects(sent, (error: BodyError) => /the disk is gone/.test(String(error.reason)));
});

test('a stream of JSON, cut at every byte', () => {
  const text = '{"a":"}{\\"","b":[1,{}]}\n[1]{"c":2}\r\n';
  for (let size = 1; size < text.length; size++) {
    const cutter = new JsonCutter();
    const values: string[] = [];
    for (let at = 0; at < text.length; at += size) values.push(...cutter.push(text.slice(at, at + size)));
    assert.deepEqual(
      values.map((each) => each.trim()),
      ['{"a":"}{\\"","b":[1,{}]}', '[1]', '{"c":2}'],
    );
  }
});

const reply = (status: number, body: string) =>
  `HTTP/1.1 ${status} x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('a daemon too old for us is spoken to in its own version', async () => {
  const refusal = reply(
    400,
    '{"message":"client version 1.51 is too new. Maximum supported API version is 1.41"}',
  );
  const only = peer(`${refusal}${reply(200, '[]')}`, refusal.length);
  const daemon = new Daemon({ connect: async () => only });
  assert.deepEqual(
    await daemon.json({
      method: 'GET',
      path: '/containers/json',
      query: { all: true, limit: undefined, names: ['a', 'b c'] },
    }),
    [],
  );
  assert.equal(daemon.version, '1.41');
  assert.deepEqual(only.sent().match(/GET (\S+)/g), [
    'GET /v1.51/containers/json?all=1&names=a&names=b+c',
    'GET /v1.41/containers/json?all=1&names=a&names=b+c',
  ]);
});

test('what the daemon answers is told apart from not reaching it', async () => {
  const daemon = new Daemon({
    connect: async () => peer(reply(404, '{"message":"No such container: x"}'), 4096),
  });
  await assert.rejects(daemon.run({ method: 'GET', path: '/x' }), (error) => {
    assert.ok(error instanceof DaemonError);
    assert.deepEqual([error.kind, error.status, error.message], ['notFound', 404, 'No such container: x']);
    return true;
  });
  const gone = new Daemon({ connect: async () => peer('', 1) });
  await assert.rejects(gone.run({ method: 'GET', path: '/x' }), { kind: 'unavailable' });
});

test('an idle connection that has been closed is replaced', async () => {
  let opened = 0;
  const once = () => peer(reply(200, '"ok"'), 4096);
  const daemon = new Daemon({
    connect: async () => {
      opened++;
      return once();
    },
  });
  assert.equal(await daemon.json({ method: 'GET', path: '/a' }), 'ok');
  assert.equal(await daemon.json({ method: 'GET', path: '/b' }), 'ok');
  assert.equal(opened, 2);
});

test('versions are numbers, not fractions', () => {
  assert.ok(
    isOlder('1.9', '1.24') && isOlder('1.41', '1.51') && !isOlder('1.51', '1.51') && !isOlder('2.0', '1.51'),
  );
});
