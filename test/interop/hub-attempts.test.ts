import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { openHub } from '#hub/index.ts';
import { proxiesOf } from '#hub/program/client-address.ts';
import { basic, quick } from './hub-accounts-fixture.ts';

const password = 'a long enough password';
const [guesser, elsewhere] = ['192.0.2.1', '198.51.100.1'];
const second = 1000;

suite('guessing at a Hub that starts again', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hub-attempts-'));
  let time = Date.parse('2026-01-01T00:00:00Z');
  after(() => rmSync(directory, { recursive: true }));

  async function opened() {
    await using held = new AsyncDisposableStack();
    const hub = held.use(
      await openHub({
        ...{ directory, log: silentLog, passwordCost: quick, now: () => new Date(time) },
        proxies: proxiesOf(['127.0.0.0/8']),
      }),
    );
    const server = hub.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    held.defer(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const parts = held.move();
    return {
      users: hub.accounts.users,
      /** What the token service says to a name and a password. */
      signIn: async (name: string, secret: string, address: string) => {
        const response = await fetch(`http://127.0.0.1:${port}/token?service=hub`, {
          headers: { authorization: basic(name, secret), 'x-forwarded-for': address },
        });
        const { token: _, issued_at: _at, ...body } = (await response.json()) as Record<string, unknown>;
        return { status: response.status, wait: response.headers.get('retry-after'), body };
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  }

  before(async () => {
    await using hub = await opened();
    await hub.users.create({ name: 'ann', password });
  });

  test('an address that has to wait has to wait all the same, whether or not there is such a user', async () => {
    const names = ['ann', 'nobody'];
    for (const name of names) {
      for (let turn = 0; turn < 5; turn += 1) {
        await using hub = await opened();
        assert.equal((await hub.signIn(name, `wrong ${turn}`, guesser)).status, 401, `${name} ${turn}`);
      }
    }
    await using hub = await opened();
    const [ann, nobody] = await Promise.all(names.map((name) => hub.signIn(name, password, guesser)));
    assert.deepEqual(ann, nobody);
    assert.deepEqual([ann!.status, ann!.wait], [429, '1']);
    assert.equal((await hub.signIn('ann', password, elsewhere)).status, 200);
  });

  test('the next wait is twice as long after a restart, too', async () => {
    {
      await using hub = await opened();
      time += second;
      assert.equal((await hub.signIn('ann', 'wrong again', guesser)).status, 401);
    }
    await using hub = await opened();
    const { status, wait } = await hub.signIn('ann', password, guesser);
    assert.deepEqual([status, wait], [429, '2']);
  });

  test('a right password makes up for what came before it, and for good', async () => {
    {
      await using hub = await opened();
      time += 2 * second;
      assert.equal((await hub.signIn('ann', password, guesser)).status, 200);
    }
    await using hub = await opened();
    for (let turn = 0; turn < 5; turn += 1)
      assert.equal((await hub.signIn('ann', `wrong ${turn}`, guesser)).status, 401);
    assert.equal((await hub.signIn('ann', 'wrong', guesser)).status, 429);
    assert.equal((await hub.signIn('nobody', 'wrong', guesser)).status, 401, 'its wait is over');
    assert.equal((await hub.signIn('nobody', 'wrong', guesser)).status, 429);
  });
});
