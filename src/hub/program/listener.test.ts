import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Patience } from './listener.ts';

const patience: Patience = { headMs: 300, stallMs: 300, idleMs: 300 };

/** What a connection is answered until it is closed, and how long that took. */
async function talk(
  listener: RequestListener,
  speak: (socket: Socket) => void | Promise<void>,
  isReading = true,
): Promise<{ readonly answer: string; readonly ms: number }> {
  const server = createServer(listener, { patience });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started = performance.now();
  try {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    let answer = '';
    if (isReading) socket.on('data', (bytes) => (answer += bytes.toString()));
    const closed = new Promise((resolve) => {
      server.on('connection', (other: Socket) => other.once('close', resolve));
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    await speak(socket);
    await closed;
    // what was sent last is still to be read
    if (isReading)
      await new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.once('close', resolve)));
    socket.destroy();
    return { answer, ms: performance.now() - started };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const head = (length: number) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

/** Answers with how many bytes came. */
const counting: RequestListener = async (request, response) => {
  let size = 0;
  try {
    for await (const chunk of request) size += (chunk as Buffer).length;
    response.end(`${size} bytes`);
  } catch {
    response.destroy();
  }
};

suite('a server that slow clients cannot hold', { concurrency: true }, () => {
  test('a connection on which nothing comes is cut', async () => {
    const { answer, ms } = await talk(counting, () => undefined);
    assert.equal(answer, '');
    assert.ok(ms < 3000);
  });

  test('a head that does not come whole is refused, however often a byte of it comes', async () => {
    const { answer } = await talk(counting, async (socket) => {
      socket.write('GET / HTTP/1.1\r\n');
      for (let count = 0; count < 12; count += 1) {
        await sleep(60);
        socket.write(`X-${count}: y\r\n`);
      }
    });
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  test('a head that is too long is refused', async () => {
    const { answer } = await talk(counting, (socket) => {
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(16_400)}\r\n\r\n`);
    });
    assert.match(answer, /^HTTP\/1\.1 431 /);
  });

  test('a body that stalls ends its connection', async () => {
    const { answer, ms } = await talk(counting, (socket) => void socket.write(`${head(10)}12345`));
    assert.equal(answer, '');
    assert.ok(ms < 3000);
  });

  test('a body may take longer than any stall, when its pieces come', async () => {
    const { answer } = await talk(counting, async (socket) => {
      socket.write(head(10));
      for (let count = 0; count < 10; count += 1) {
        await sleep(80);
        socket.write('x');
      }
    });
    assert.match(answer, /10 bytes/);
  });

  test('a reply that nobody reads ends its connection', async () => {
    const { ms } = await talk(
      (_request, response) => void response.end(Buffer.alloc(64 << 20)),
      (socket) => void socket.pause().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      false,
    );
    assert.ok(ms < 5000);
  });

  test('what the server itself takes long over is waited for', async () => {
    const { answer, ms } = await talk(
      async (_request, response) => {
        await sleep(1000);
        response.end('done');
      },
      (socket) => void socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    assert.match(answer, /done/);
    assert.ok(ms >= 1000);
  });

  test('a connection that asks no more is closed', async () => {
    const { answer } = await talk(
      counting,
      (socket) => void socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    assert.match(answer, /0 bytes/);
  });
});
