import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { type Area, json, serveAreas } from '../http/index.ts';
import { createServer } from './listener.ts';

const area: Area = {
  prefixes: ['/'],
  routes: {
    'PUT /refused': () => json({ message: 'no room' }, 403),
    'PUT /taken': async (call) => json({ size: (await call.bytes(1000)).length }),
  },
  authenticate: (_request, address) => ({ kind: 'stranger', address }),
  missing: () => json({}, 404),
  failed: () => undefined,
};

test('a client that asks before it sends is told to go on once its body is wanted, or refused before', async () => {
  const server = createServer(serveAreas([area], { log: silentLog, addressOf: () => '127.0.0.1' }), {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  /** What came back; the body is sent once the server says so. */
  const put = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`PUT ${path} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`),
      );
      let told = '';
      socket.on('error', reject).on('end', () => resolve(told));
      socket.on('data', (bytes) => {
        told += bytes.toString();
        if (told.endsWith('100 Continue\r\n\r\n')) socket.write('four');
        if (told.endsWith('}')) socket.end();
      });
    });
  try {
    assert.match(await put('/refused'), /^HTTP\/1\.1 403 .*no room"\}$/s);
    assert.match(await put('/taken'), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 .*\{"size":4\}$/s);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
